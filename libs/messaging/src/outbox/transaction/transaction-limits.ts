import { CommitTooLargeError } from "../../runtime/index.ts";
import type { Write } from "../commit.ts";
import { itemSize } from "./item-size.ts";

/** @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html */
const maxItems = 100;
const maxItemBytes = 400 * 1024;
const maxTransactionBytes = 4 * 1024 * 1024;

/**
 * Rejects a transaction that DynamoDB would reject, before the call, and names the item that is too large.
 * @throws CommitTooLargeError
 */
export function checkFits(writes: readonly Write[]): void {
  if (writes.length === 0) throw new TypeError("The commit is empty: give it an aggregate to save, or writes.");
  if (writes.length > maxItems) {
    throw new CommitTooLargeError(
      `The commit has ${writes.length} items and a DynamoDB transaction takes ${maxItems}: every write counts as one, and so do the aggregate's item, the outbox row and, in a handler, the inbox row. Commit in smaller steps.`,
    );
  }
  let total = 0;
  for (const write of writes) {
    const size = sizeOf(write);
    total += size;
    if (size > maxItemBytes) {
      throw new CommitTooLargeError(
        `${describe(write)} is ${size} bytes and DynamoDB takes ${maxItemBytes} an item. Keep the bulk elsewhere and store a reference.`,
      );
    }
  }
  if (total > maxTransactionBytes) {
    throw new CommitTooLargeError(
      `The commit is ${total} bytes in all and a DynamoDB transaction takes ${maxTransactionBytes}. Commit in smaller steps.`,
    );
  }
}

/** A put has the whole item. Of the other operations, the key and the values count. */
function sizeOf({ Put, Update, Delete, ConditionCheck }: Write): number {
  if (Put) return itemSize(Put.Item ?? {});
  const { Key = {}, ExpressionAttributeValues = {} } = Update ?? Delete ?? ConditionCheck ?? {};
  return itemSize(Key) + itemSize(ExpressionAttributeValues);
}

function describe({ Put, Update, Delete, ConditionCheck }: Write): string {
  const { TableName } = Put ?? Update ?? Delete ?? ConditionCheck ?? {};
  const key = Update?.Key ?? Delete?.Key ?? ConditionCheck?.Key;
  const item = Put?.Item ?? {};
  const identity =
    key ??
    Object.fromEntries(
      Object.entries(item)
        .filter(([, value]) => isShort(value))
        .slice(0, 2),
    );
  return `The item ${JSON.stringify(identity)} for ${TableName}`;
}

function isShort(value: unknown): boolean {
  return typeof value === "number" || (typeof value === "string" && value.length <= 100);
}
