import { isDeepStrictEqual } from "node:util";
import { CommitOutcomeUnknown, ConcurrencyConflict, OutboxAheadError, UnguardedCondition } from "../runtime/index.ts";
import type { Commit, Save, Write } from "./commit.ts";
import type { OutboxRow } from "./outbox-row.ts";
import type { Committed, Duplicate, Refused } from "./outcome.ts";
import type { FailedCondition } from "./transaction.ts";

/** One write of the transaction and what it is there for, which is what its failing condition means. */
export type Part<Names extends string> =
  | { readonly role: "inbox"; readonly write: Write }
  | { readonly role: "outbox"; readonly write: Write; readonly row: OutboxRow }
  | {
      readonly role: "save";
      readonly write: Write;
      readonly item: Readonly<Record<string, unknown>>;
      /** The commit has no news and answers no message, so this item is all there is to know it by. */
      readonly silent: boolean;
    }
  | { readonly role: "guarded"; readonly write: Write; readonly name: Names }
  | { readonly role: "plain"; readonly write: Write };

export function savePart<Names extends string>(save: Save, silent: boolean, version = save.expected + 1): Part<Names> {
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
  return { role: "save", item, silent, write: { Put: put } };
}

/** The library writes these attributes itself, so that a value of the item's own would be lost without a word. */
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

/** The row's own condition is the second guard; what it finds in its place tells whose commit stands there. */
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

/** Asks for the item that stands in the way, so that the caller need not read it. */
function returningFound({ Put, Update, Delete, ConditionCheck }: Write): Write {
  const asking = { ReturnValuesOnConditionCheckFailure: "ALL_OLD" } as const;
  return {
    ...(Put && { Put: { ...Put, ...asking } }),
    ...(Update && { Update: { ...Update, ...asking } }),
    ...(Delete && { Delete: { ...Delete, ...asking } }),
    ...(ConditionCheck && { ConditionCheck: { ...ConditionCheck, ...asking } }),
  };
}

interface Cancellation<Names extends string> {
  readonly parts: readonly Part<Names>[];
  readonly failures: readonly (FailedCondition | undefined)[];
  readonly ambiguous: boolean;
}

/**
 * What a cancelled transaction means, in the order in which one cause explains the others: a message handled before
 * explains every other condition; our own row in the outbox means that an earlier, unanswered try went through; a stale
 * aggregate, or one that the outbox is ahead of, makes the rest of the decision void; only then does a named condition
 * speak.
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
  if (ambiguous && failed.some((part) => isPastTelling(part, version))) throw new CommitOutcomeUnknown(undefined);
  const locks = failed.flatMap(({ role }) => (role === "save" || role === "outbox" ? [role] : []));
  if (locks.length > 0) throw staleAggregate(locks, { aggregate, version: version ?? 0, save });
  // Without a row or item of ours to recognise, a condition may have failed on what this very commit wrote.
  const recognisable = parts.some(({ role }) => role !== "guarded" && role !== "plain");
  if (ambiguous && !recognisable) throw new CommitOutcomeUnknown(undefined);
  for (const part of failed) {
    if (part.role === "guarded") {
      const found = part.found?.toNative();
      return { outcome: "refused", by: part.name, ...(found === undefined ? {} : { found }) };
    }
  }
  throw new UnguardedCondition(tableOf(failed[0]?.write));
}

/**
 * Where the item's own lock held and only the row's failed, no race was lost: its winner would have written the item as
 * well. The outbox is ahead then, unless the row is the only lock, or its version was read from the outbox just before.
 */
function staleAggregate(
  locks: readonly ("save" | "outbox")[],
  { aggregate, version, save }: { aggregate: string; version: number; save: Save | undefined },
): Error {
  const raced = locks.includes("save") || save === undefined || save.recreate === true;
  return raced ? new ConcurrencyConflict(aggregate, version) : new OutboxAheadError(aggregate, version);
}

export function committed(version: number | undefined): Committed {
  return { outcome: "committed", ...(version === undefined ? {} : { version }) };
}

type Failed<Names extends string> = Part<Names> & { readonly found: FailedCondition["found"] };

/**
 * Event ids are unique, so a row that holds ours is ours. A commit without news has no row to be known by; but if one of
 * its tries went unanswered, an item equal to ours to the last attribute, under a lock that only one commit can pass,
 * has the effect we wanted. A commit that answers a message is known by its inbox row instead: an equal item without
 * that row is somebody else's, and taking it for ours would leave the message off the record.
 */
function isOurs<Names extends string>(part: Failed<Names>, ambiguous: boolean): boolean {
  if (part.found === undefined) return false;
  if (part.role === "outbox") return isDeepStrictEqual(idsOf(part.found.toNative().events), idsOf(part.row.events));
  return ambiguous && part.role === "save" && part.silent && part.found.equals(part.item);
}

/**
 * A commit that can be known by its item alone, where that item has moved on or gone since: ours may have been the
 * version in between. To call that a conflict would have it decided, and written, a second time.
 */
function isPastTelling(part: Failed<string>, version = 0): boolean {
  if (part.role !== "save" || !part.silent) return false;
  return part.found === undefined || Number(part.found.toNative().version) > version;
}

function idsOf(events: unknown): unknown[] {
  return Array.isArray(events) ? events.map((event: { id?: unknown }) => event.id) : [];
}

function tableOf(write: Write | undefined): string {
  const { Put, Update, Delete, ConditionCheck } = write ?? {};
  return (Put ?? Update ?? Delete ?? ConditionCheck)?.TableName ?? "a table";
}
