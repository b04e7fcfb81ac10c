import { SigningKeyStore } from "@doubleshot/identity/issuing";
import { physicalName } from "@doubleshot/topology";
import { OperatorError } from "./operator-error.ts";
import type { Shop } from "./shop.ts";

/** The keys that the shop's tokens are signed with. @throws OperatorError if no service of the shop issues tokens */
export function signingKeysOf({ topology, name, clients }: Shop): SigningKeyStore {
  const tables = Object.values(topology.services ?? {}).flatMap(({ signingKeys }) => signingKeys ?? []);
  const [table] = tables;
  if (table !== undefined) return new SigningKeyStore(clients.documents, physicalName(name, table));
  throw new OperatorError(
    "No service of this system issues tokens: its topology names no signingKeys, the table that would hold the keys.",
  );
}
