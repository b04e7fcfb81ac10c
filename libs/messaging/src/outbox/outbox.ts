import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type { ClaimCheck } from "../claim-check/index.ts";
import { maxVersion } from "../events/index.ts";
import {
  amount,
  anObject,
  type Clock,
  checkOptions,
  claimCheckStore,
  group,
  having,
  metricsSink,
  optional,
  type Rule,
  type Rules,
  realClock,
  source,
  tableName,
} from "../runtime/index.ts";
import { harmless, type Metrics } from "../telemetry/index.ts";
import type { Commit, CommitResult, Write } from "./commit.ts";
import { committed, guardedParts, interpret, outboxPart, type Part, savePart } from "./commit-parts.ts";
import { checkDistinct, keyNamesOf, sayIfSameItemTwice } from "./distinct-items.ts";
import { highestVersion } from "./highest-version.ts";
import { type InboxRecord, Recording } from "./inbox.ts";
import { describeNews, observeCommits } from "./observe-commits.ts";
import { type OutboxRow, outboxRow } from "./outbox-row.ts";
import type { Committed, Duplicate, Refused } from "./outcome.ts";
import { recordAlone } from "./record-alone.ts";
import { type Patience, transact } from "./transaction.ts";
import { checkFits } from "./transaction-limits.ts";

export interface OutboxOptions {
  readonly client: DynamoDBDocumentClient;
  /**
   * CloudEvents `source` of everything committed here: a URI reference of 1 to 256 characters, such as `/shop/orders` or
   * `https://shop.example/orders`. Give every outbox one of its own.
   */
  readonly source: string;
  readonly tables: { readonly outbox: string; readonly inbox: string };
  /**
   * Days to keep rows. The inbox must outlive queue, dead-letter queue and replay together: its subscribers refuse, as
   * `MessageTooOld`, what it may have forgotten. Default 7 and 30.
   */
  readonly retention?: { readonly outbox?: number; readonly inbox?: number };
  /**
   * Where data goes that is too large for a message, or for a row together with the other events of its commit. Without
   * one such a commit is refused as `CommitTooLarge`.
   */
  readonly claimCheck?: ClaimCheck;
  /** Told how commits end, and how deliveries to this outbox's subscribers do. See `metrics.ts`. */
  readonly metrics?: Metrics;
  /** For tests. */
  readonly clock?: Clock;
}

/** Commits state and the news of it in one DynamoDB transaction. */
export interface Outbox {
  /**
   * Writes everything or nothing, the aggregate's events in one row that the relay publishes.
   *
   * @throws ConcurrencyConflict when the aggregate is not at the expected version: load, decide and commit again.
   * @throws OutboxAheadError when it is, and the outbox has news of that aggregate under a later one.
   * @throws CommitOutcomeUnknown when DynamoDB did not answer for as long as `patience` says.
   * @throws CommitTooLarge, SameItemTwice, InvalidEventData, UnguardedCondition with nothing written.
   */
  commit<const Names extends string = never>(commit: Commit<Names>, patience?: Patience): Promise<CommitResult<Names>>;
  /** For `subscriber`: commits that carry the record of the message they answer. */
  readonly [inboxed]: InboxedCommits;
}

/** Not exported from the package: only a delivery may settle its message. */
export const inboxed: unique symbol = Symbol("inboxed commits");

/** Where an outbox keeps the records of its subscribers' messages, and the markers of their blocked groups. */
export interface Inbox {
  readonly client: DynamoDBDocumentClient;
  readonly table: string;
  readonly clock: Clock;
}

/** For those that are given an outbox. */
export const anOutbox: Rule = {
  allowed: "what createOutbox returns",
  holds: (value) => typeof value === "object" && value !== null && inboxed in value,
};

interface InboxedCommits {
  readonly clock: Clock;
  readonly metrics: Metrics;
  /** Seconds for which the inbox knows a message. */
  readonly retention: number;
  readonly claimCheck: ClaimCheck | undefined;
  commit<Names extends string>(
    record: InboxRecord,
    commit: Commit<Names>,
  ): Promise<Committed | Duplicate | Refused<Names>>;
  /** The record alone, for a message that asks for nothing: a plain write at half the price of a transaction. */
  record(record: InboxRecord): Promise<"recorded" | "duplicate">;
  readonly inbox: Inbox;
}

const secondsPerDay = 24 * 60 * 60;

/** A hundred years, beyond which no epoch second is worth a thought. */
const days = amount("days", { above: 0, max: 36_500 });

const rules: Rules<OutboxOptions> = {
  client: having("a DynamoDBDocumentClient", "send"),
  source,
  tables: group<OutboxOptions["tables"]>({ outbox: tableName, inbox: tableName }),
  retention: optional(
    group<NonNullable<OutboxOptions["retention"]>>({ outbox: optional(days), inbox: optional(days) }),
  ),
  claimCheck: optional(claimCheckStore),
  metrics: optional(metricsSink),
  clock: optional(anObject),
};

/** @throws TypeError naming the option that is wrong, and what is allowed. */
export function createOutbox(options: OutboxOptions): Outbox {
  checkOptions("createOutbox", options, rules);
  const { client, source, tables, retention = {}, claimCheck, clock = realClock } = options;
  const metrics = harmless(options.metrics);
  const observed = observeCommits({ source, table: tables.outbox, metrics, clock });
  const outboxRetention = Math.ceil((retention.outbox ?? 7) * secondsPerDay);
  const inboxRetention = Math.ceil((retention.inbox ?? 30) * secondsPerDay);
  const recording = (record: InboxRecord) =>
    new Recording(record, { table: tables.inbox, now: clock.now(), retention: inboxRetention });

  async function run<Names extends string>(
    commit: Commit<Names>,
    record: InboxRecord | undefined,
    patience: Patience,
  ): Promise<Committed | Duplicate | Refused<Names>> {
    // Ids, times and sizes are settled before the first call, so that every re-issue is the same call.
    const version = await versionOf(commit);
    const row = await rowOf(commit, version);
    if (row !== undefined) describeNews(row);
    const inbox = record && recording(record);
    for (;;) {
      const parts = assemble(commit, version, row, inbox?.write);
      const writes = parts.map(({ write }) => write);
      checkFits(writes);
      checkDistinct(writes, keyNamesOf(commit, tables));
      const result = await transact(client, writes, patience, clock).catch(sayIfSameItemTwice);
      if (result.written) return committed(version);
      // The record is the first of the parts. Its row may be that of another source's message with the same id.
      const [recorded] = result.failures;
      if (inbox === undefined || recorded === undefined || !inbox.retry(recorded.found?.toNative())) {
        return interpret(commit, version, { parts, ...result });
      }
    }
  }

  async function versionOf({ aggregate, save, version }: Commit<never>): Promise<number | undefined> {
    const wanted = save === undefined ? version : save.expected + 1;
    if (aggregate === undefined || wanted === undefined) return wanted;
    checkIdentity(aggregate, wanted);
    if (!save?.recreate) return wanted;
    const next = Math.max(wanted, (await highestVersion(client, tables.outbox, aggregate)) + 1);
    checkIdentity(aggregate, next);
    return next;
  }

  async function rowOf(
    { aggregate, events = [] }: Pick<Commit<never>, "aggregate" | "events">,
    version: number | undefined,
  ): Promise<OutboxRow | undefined> {
    if (aggregate === undefined || version === undefined) return undefined;
    if (events.length === 0) return undefined;
    return outboxRow(events, { source, aggregate, version, clock, retention: outboxRetention, claimCheck });
  }

  function assemble<Names extends string>(
    { save, writes = [], guarded }: Commit<Names>,
    version: number | undefined,
    row: OutboxRow | undefined,
    record: Write | undefined,
  ): Part<Names>[] {
    return [
      ...(record ? [{ role: "inbox" as const, write: record }] : []),
      ...(row ? [outboxPart<Names>(tables.outbox, row)] : []),
      ...(save ? [savePart<Names>(save, row === undefined && record === undefined, version)] : []),
      ...(guarded ? guardedParts<Names>(guarded) : []),
      ...writes.map((write) => ({ role: "plain" as const, write })),
    ];
  }

  return {
    commit: async <Names extends string>(commit: Commit<Names>, patience: Patience = {}) =>
      (await observed(commit, () => run(commit, undefined, patience))) as CommitResult<Names>,
    [inboxed]: {
      clock,
      metrics,
      retention: inboxRetention,
      claimCheck,
      commit: (record, commit) => observed(commit, () => run(commit, record, {})),
      record: (record) => recordAlone(client, recording(record)),
      inbox: { client, table: tables.inbox, clock },
    },
  };
}

/** The aggregate is also the message group, whose characters and length SNS and SQS limit. */
function checkIdentity(aggregate: string, version: number): void {
  if (!/^[\x21-\x7e]{1,128}$/.test(aggregate)) {
    throw new TypeError(
      `The aggregate ${JSON.stringify(aggregate)} cannot be a message group: 1 to 128 printable ASCII characters without spaces.`,
    );
  }
  if (!Number.isSafeInteger(version) || version < 1 || version > maxVersion) {
    throw new TypeError(`Version ${version} of ${aggregate}: versions are whole numbers from 1 to ${maxVersion}.`);
  }
}
