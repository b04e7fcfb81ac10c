import { isDeepStrictEqual } from "node:util";
import {
  CommitOutcomeUnknownError,
  ConcurrencyConflictError,
  OutboxAheadError,
  UnguardedConditionError,
} from "../runtime/index.ts";
import type { Commit, Save, Write } from "./commit.ts";
import type { OutboxRow } from "./outbox-row.ts";
import type { Committed, Duplicate, Refused } from "./outcome.ts";
import type { FailedCondition } from "./transaction/transaction.ts";

/** One write of the transaction. Its role tells what a failed condition means. */
export type Part<Names extends string> =
  | { readonly role: "inbox"; readonly write: Write }
  | { readonly role: "outbox"; readonly write: Write; readonly row: OutboxRow }
  | {
      readonly role: "save";
      readonly write: Write;
      readonly item: Readonly<Record<string, unknown>>;
      /** The commit has neither outbox row nor inbox record, so only this item can show that an earlier try succeeded. */
      readonly isSilent: boolean;
    }
  | { readonly role: "guarded"; readonly write: Write; readonly name: Names }
  | { readonly role: "plain"; readonly write: Write };

export function savePart<Names extends string>(
  save: Save,
  isSilent: boolean,
  version = save.expected + 1,
): Part<Names> {
  checkReserved(save);
  const present = Object.entries(save.item).filter(([, value]) => value !== undefined);
  const item = { ...Object.fromEntries(present), ...save.key, version };
  const [partitionKey = "id"] = Object.keys(save.key);
  const lock =
    save.expected === 0
      ? {
          ConditionExpression: "attribute_not_exists(#key)",
          ExpressionAttributeNames: { "#key": partitionKey },
        }
      : {
          ConditionExpression: "#version = :expected",
          ExpressionAttributeNames: { "#version": "version" },
          ExpressionAttributeValues: { ":expected": save.expected },
        };
  const put = { TableName: save.table, Item: item, ...lock, ReturnValuesOnConditionCheckFailure: "ALL_OLD" } as const;
  return { role: "save", item, isSilent, write: { Put: put } };
}

/** The library writes these attributes itself and would overwrite a value of the item's own. */
function checkReserved({ table, key, item }: Save): void {
  if (Object.hasOwn(item, "version")) {
    throw new TypeError(
      `The item to save in ${table} has a version of its own. Leave it out: the commit writes expected + 1 there. If it means something else, give it another name.`,
    );
  }
  const name = Object.keys(key).find((each) => Object.hasOwn(item, each) && item[each] !== key[each]);
  if (name === undefined) return;
  throw new TypeError(
    `The item to save in ${table} has the ${name} "${item[name]}", and its key has "${key[name]}". Leave it out of the item: the commit adds the key.`,
  );
}

/** The row's condition is a second lock. When it fails, the row in its place tells whether it is this commit's. */
export function outboxPart<Names extends string>(table: string, row: OutboxRow): Part<Names> {
  const put = {
    TableName: table,
    Item: row,
    ConditionExpression: "attribute_not_exists(#aggregate)",
    ExpressionAttributeNames: { "#aggregate": "aggregate" },
    ReturnValuesOnConditionCheckFailure: "ALL_OLD",
  } as const;
  return { role: "outbox", row, write: { Put: { ...put, Item: { ...row } } } };
}

export function guardedParts<Names extends string>(guarded: { readonly [Name in Names]: Write }): Part<Names>[] {
  const names = Object.keys(guarded) as Names[];
  return names.map((name) => ({ role: "guarded", name, write: returningFound(guarded[name]) }));
}

/** DynamoDB returns the item that made the condition fail, so the caller need not read it. */
function returningFound({ Put, Update, Delete, ConditionCheck }: Write): Write {
  const returning = { ReturnValuesOnConditionCheckFailure: "ALL_OLD" } as const;
  return {
    ...(Put && { Put: { ...Put, ...returning } }),
    ...(Update && { Update: { ...Update, ...returning } }),
    ...(Delete && { Delete: { ...Delete, ...returning } }),
    ...(ConditionCheck && { ConditionCheck: { ...ConditionCheck, ...returning } }),
  };
}

interface Cancellation<Names extends string> {
  readonly parts: readonly Part<Names>[];
  readonly failures: readonly (FailedCondition | undefined)[];
  readonly ambiguous: boolean;
}

/**
 * Result of a cancelled transaction. Several conditions may have failed; the first of these explains the others:
 * 1. the inbox record: the message was handled before, so everything else has changed since
 * 2. our own outbox row: an earlier, unanswered try succeeded
 * 3. the saved item or the outbox row: the decision was made on a stale version
 * 4. a guarded write
 */
export function interpret<Names extends string>(
  { aggregate = "the aggregate", save }: Pick<Commit<Names>, "aggregate" | "save">,
  version: number | undefined,
  { parts, failures, ambiguous }: Cancellation<Names>,
): Committed | Duplicate | Refused<Names> {
  const failed = parts.flatMap((part, index) => {
    const failure = failures[index];
    return failure === undefined ? [] : [{ ...part, found: failure.found }];
  });
  if (failed.some(({ role }) => role === "inbox")) return { outcome: "duplicate" };
  if (failed.some((part) => isOurs(part, ambiguous))) return committed(version);
  if (ambiguous && failed.some((part) => isOvertaken(part, version))) throw new CommitOutcomeUnknownError(undefined);
  const locks = failed.flatMap(({ role }) => (role === "save" || role === "outbox" ? [role] : []));
  if (locks.length > 0) throw staleAggregate(locks, { aggregate, version: version ?? 0, save });
  // Without a row or item of its own, this commit's earlier try may have made the condition fail.
  const recognisable = parts.some(({ role }) => role !== "guarded" && role !== "plain");
  if (ambiguous && !recognisable) throw new CommitOutcomeUnknownError(undefined);
  for (const part of failed) {
    if (part.role === "guarded") {
      const found = part.found?.toNative();
      return { outcome: "refused", by: part.name, ...(found === undefined ? {} : { found }) };
    }
  }
  throw new UnguardedConditionError(tableOf(failed[0]?.write));
}

/**
 * If the item's lock held and only the row's failed, no other commit won a race: it would have written the item as well. So
 * the outbox is ahead of the item, unless the row is the only lock, or its version was just read from the outbox.
 */
function staleAggregate(
  locks: readonly ("save" | "outbox")[],
  { aggregate, version, save }: { aggregate: string; version: number; save: Save | undefined },
): Error {
  const raced = locks.includes("save") || save === undefined || save.recreate === true;
  return raced ? new ConcurrencyConflictError(aggregate, version) : new OutboxAheadError(aggregate, version);
}

export function committed(version: number | undefined): Committed {
  return { outcome: "committed", ...(version === undefined ? {} : { version }) };
}

type Failed<Names extends string> = Part<Names> & { readonly found: FailedCondition["found"] };

/**
 * Whether an earlier try of this commit wrote the found item.
 *
 * Event ids are unique, so a row with our ids is ours. A commit without events has no row. If one of its tries went
 * unanswered, an item that equals ours in every attribute has the intended effect, because only one commit passes the lock.
 * This does not hold for a commit with an inbox record: an equal item without that record is another commit's, and the
 * message would stay unrecorded.
 */
function isOurs<Names extends string>(part: Failed<Names>, ambiguous: boolean): boolean {
  if (part.found === undefined) return false;
  if (part.role === "outbox") return isDeepStrictEqual(idsOf(part.found.toNative().events), idsOf(part.row.events));
  return ambiguous && part.role === "save" && part.isSilent && part.found.equals(part.item);
}

/**
 * Whether the item has changed too often, or is gone, to show if an earlier try of this commit wrote a version in between.
 * A conflict would make the caller decide and write a second time.
 */
function isOvertaken(part: Failed<string>, version = 0): boolean {
  if (part.role !== "save" || !part.isSilent) return false;
  return part.found === undefined || Number(part.found.toNative().version) > version;
}

function idsOf(events: unknown): unknown[] {
  return Array.isArray(events) ? events.map((event: { id?: unknown }) => event.id) : [];
}

function tableOf(write: Write | undefined): string {
  const { Put, Update, Delete, ConditionCheck } = write ?? {};
  return (Put ?? Update ?? Delete ?? ConditionCheck)?.TableName ?? "a table";
}
