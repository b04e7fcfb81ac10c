import { SameItemTwiceError } from "../../runtime/index.ts";
import type { Commit, Write } from "../commit.ts";

/** Names of the key attributes by table, as far as known. */
export type KeyNames = ReadonlyMap<string, readonly string[]>;

/**
 * Rejects two operations on one item before the call: a DynamoDB transaction takes one, a condition check included.
 *
 * Updates, deletes and checks name the key of their item. A put does not; another write on the same table may. If none does,
 * DynamoDB rejects the transaction, see `rethrowSameItemTwice`.
 * @throws SameItemTwiceError
 */
export function checkDistinct(writes: readonly Write[], known: KeyNames): void {
  const keyNames = new Map(known);
  for (const write of writes) {
    const { table, key } = target(write);
    if (key !== undefined && !keyNames.has(table)) keyNames.set(table, Object.keys(key));
  }
  const seen = new Map<string, Write>();
  for (const write of writes) {
    const { table, key, item } = target(write);
    const names = keyNames.get(table);
    if (names === undefined) continue;
    const values = names.map((name) => canonical((key ?? item)[name]));
    const identity = JSON.stringify([table, ...values]);
    const other = seen.get(identity);
    if (other !== undefined) {
      const which = JSON.stringify(Object.fromEntries(names.map((name, index) => [name, values[index]])));
      throw new SameItemTwiceError(`The commit has ${kind(other)} and ${kind(write)} on the item ${which} of ${table}`);
    }
    seen.set(identity, write);
  }
}

/** Keys that a commit names beside those of its writes. */
export function keyNamesOf({ save }: Pick<Commit<never>, "save">, tables: { outbox: string; inbox: string }): KeyNames {
  return new Map([
    [tables.outbox, ["aggregate", "version"]],
    [tables.inbox, ["message"]],
    ...(save ? [[save.table, Object.keys(save.key)] as const] : []),
  ]);
}

/**
 * Gives DynamoDB's error for two operations on one item the name that `checkDistinct` uses. Only the message tells this
 * error from other malformed transactions.
 * @throws SameItemTwiceError, or the error as it is.
 */
export function rethrowSameItemTwice(error: unknown): never {
  const found = error instanceof Error && /multiple operations on one item/i.test(error.message);
  throw found ? new SameItemTwiceError("The commit has two operations on one item", { cause: error }) : error;
}

function target({ Put, Update, Delete, ConditionCheck }: Write) {
  const other = Update ?? Delete ?? ConditionCheck;
  return {
    table: Put?.TableName ?? other?.TableName ?? "",
    key: other?.Key as Readonly<Record<string, unknown>> | undefined,
    item: (Put?.Item ?? {}) as Readonly<Record<string, unknown>>,
  };
}

function kind(write: Write): string {
  return Object.entries(write).find(([, operation]) => operation !== undefined)?.[0] ?? "a write";
}

/** Equal key values of DynamoDB become equal JSON. */
function canonical(value: unknown): unknown {
  if (typeof value === "bigint") return Number(value);
  return value instanceof Uint8Array ? Buffer.from(value).toString("base64") : value;
}
