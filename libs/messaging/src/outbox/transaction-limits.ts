import { CommitTooLarge } from "../runtime/index.ts";
import type { Write } from "./commit.ts";
import { itemSize } from "./item-size.ts";

/** @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html */
const mostItems = 100;
const largestItem = 400 * 1024;
const largestTransaction = 4 * 1024 * 1024;

/**
 * Refuses before the call what DynamoDB would refuse after it, and says which item it was.
 * @throws CommitTooLarge
 */
export function checkFits(writes: readonly Write[]): void {
  if (writes.length === 0) throw new TypeError("The commit is empty: give it an aggregate to save, or writes.");
  if (writes.length > mostItems) {
    throw new CommitTooLarge(
      `The commit has ${writes.length} items and a DynamoDB transaction takes ${mostItems}: every write counts as one, and so do the aggregate's item, the outbox row and, in a handler, the inbox row. Commit in smaller steps.`,
    );
  }
  let total = 0;
  for (const write of writes) {
    const size = sizeOf(write);
    total += size;
    if (size > largestItem) {
      throw new CommitTooLarge(
        `${describe(write)} is ${size} bytes and DynamoDB takes ${largestItem} an item. Keep the bulk elsewhere and store a reference.`,
      );
    }
  }
  if (total > largestTransaction) {
    throw new CommitTooLarge(
      `The commit is ${total} bytes in all and a DynamoDB transaction takes ${largestTransaction}. Commit in smaller steps.`,
    );
  }
}

/** Only a put says how large the item will be; of the others, what they carry counts. */
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
