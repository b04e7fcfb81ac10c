import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type { ClaimCheck } from "../claim-check/index.ts";
import type { Rule } from "../options/index.ts";
import { type Clock, realClock } from "../runtime/index.ts";
import { harmless, type Metrics } from "../telemetry/index.ts";
import type { Commit, CommitResult } from "./commit.ts";
import { Committer } from "./committer.ts";
import type { InboxRecord } from "./inbox.ts";
import { observeCommits } from "./observe-commits.ts";
import { checkOutboxOptions, type OutboxOptions } from "./outbox-options.ts";
import type { Committed, Duplicate, Refused } from "./outcome.ts";
import type { CommitOptions } from "./transaction/transaction.ts";

/** Commits state and its events in one DynamoDB transaction. */
export interface Outbox {
  /**
   * Writes everything or nothing. The events of the commit go into one outbox row, which the relay publishes.
   *
   * @throws ConcurrencyConflictError when the aggregate is not at the expected version: load, decide and commit again.
   * @throws OutboxAheadError when the aggregate is at the expected version, but the outbox has events of a later one.
   * @throws CommitOutcomeUnknownError when DynamoDB did not answer within `timeoutMs`.
   * @throws CommitTooLargeError, SameItemTwiceError, InvalidEventDataError, UnguardedConditionError with nothing written.
   */
  commit<const Names extends string = never>(
    commit: Commit<Names>,
    options?: CommitOptions,
  ): Promise<CommitResult<Names>>;
  /** The clock of its options, for code that waits between commits. */
  readonly clock: Clock;
  /** For `subscriber`: commits that include the inbox record of the message they handle. */
  readonly [inboxed]: InboxedCommits;
}

/** Not exported from the package: only a delivery may settle its message. */
export const inboxed: unique symbol = Symbol("inboxed commits");

/** The inbox of an outbox's subscribers: it keeps the records of handled messages, and the markers of blocked groups. */
export interface Inbox {
  readonly client: DynamoDBDocumentClient;
  readonly table: string;
  readonly clock: Clock;
}

/** Checks an option or argument that must be an outbox. */
export const anOutbox: Rule = {
  allowed: "what createOutbox returns",
  holds: (value) => typeof value === "object" && value !== null && inboxed in value,
};

interface InboxedCommits {
  readonly clock: Clock;
  readonly metrics: Metrics;
  /** Seconds for which the inbox keeps the record of a message. */
  readonly retentionSeconds: number;
  readonly claimCheck: ClaimCheck | undefined;
  readonly inbox: Inbox;
  commit<Names extends string>(
    record: InboxRecord,
    commit: Commit<Names>,
  ): Promise<Committed | Duplicate | Refused<Names>>;
  /** Writes the record alone, for an ignored message: a plain write at half the price of a transaction. */
  record(record: InboxRecord): Promise<"recorded" | "duplicate">;
}

/** @throws TypeError naming the wrong option and the values allowed. */
export function createOutbox(options: OutboxOptions): Outbox {
  checkOutboxOptions(options);
  const { client, source, tables, claimCheck, clock = realClock } = options;
  const metrics = harmless(options.metrics);
  const observed = observeCommits({ source, table: tables.outbox, metrics, clock });
  const committer = new Committer(options);
  return {
    commit: async <Names extends string>(commit: Commit<Names>, commitOptions: CommitOptions = {}) =>
      (await observed(commit, () => committer.commit(commit, undefined, commitOptions))) as CommitResult<Names>,
    clock,
    [inboxed]: {
      clock,
      metrics,
      retentionSeconds: committer.inboxRetentionSeconds,
      claimCheck,
      inbox: { client, table: tables.inbox, clock },
      commit: (record, commit) => observed(commit, () => committer.commit(commit, record, {})),
      record: (record) => committer.record(record),
    },
  };
}
