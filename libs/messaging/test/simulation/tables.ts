import type { FakeTableSpec } from "../../src/testing/dynamodb/table.ts";

export const tables = {
  notes: "notes",
  claims: "claims",
  counters: "counters",
  outbox: "notes-outbox",
  parked: "notes-parked",
  inbox: "notes-inbox",
  pages: "pages",
  copies: "copies",
} as const;

export const claimBucket = "notes-claims";

/** Each of them handles every event. */
export const subscribers = ["pager", "copier"] as const;

const byId: FakeTableSpec = { key: { partition: { name: "id", type: "S" } } };
const byVersion = { partition: { name: "aggregate", type: "S" }, sort: { name: "version", type: "N" } } as const;
export const tableSpecs: Record<string, FakeTableSpec> = {
  [tables.notes]: byId,
  [tables.claims]: byId,
  [tables.counters]: byId,
  [tables.pages]: byId,
  [tables.copies]: byId,
  [tables.inbox]: { key: { partition: { name: "message", type: "S" } }, ttl: "expiresAt" },
  [tables.outbox]: { key: byVersion, stream: "NEW_IMAGE", ttl: "expiresAt" },
  [tables.parked]: { key: byVersion },
};
