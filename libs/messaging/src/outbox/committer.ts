import { maxVersion } from "../events/index.ts";
import { type Clock, realClock } from "../runtime/index.ts";
import type { Commit, Write } from "./commit.ts";
import { committed, guardedParts, interpret, outboxPart, type Part, savePart } from "./commit-parts.ts";
import { highestVersion } from "./highest-version.ts";
import { type InboxRecord, Recording } from "./inbox.ts";
import { describeEvents } from "./observe-commits.ts";
import type { OutboxOptions } from "./outbox-options.ts";
import { type OutboxRow, outboxRow } from "./outbox-row.ts";
import type { Committed, Duplicate, Refused } from "./outcome.ts";
import { recordAlone } from "./record-alone.ts";
import { checkDistinct, keyNamesOf, rethrowSameItemTwice } from "./transaction/distinct-items.ts";
import { type CommitOptions, transact } from "./transaction/transaction.ts";
import { checkFits } from "./transaction/transaction-limits.ts";

const secondsPerDay = 24 * 60 * 60;

/**
 * Writes a commit in one transaction, in three steps:
 *
 * 1. version      the given one, or `expected + 1`; with `recreate`, the one after the highest in the outbox
 * 2. row          ids, times and sizes of the events are final here, so a re-issued call is the same call
 * 3. transaction  inbox record, outbox row, saved item, guarded writes, plain writes; `transact` re-issues it until it is
 *                 answered
 *
 * The transaction ends as one of:
 * - written        the commit is `committed`
 * - other-source   the inbox row holds another source's message with the same id: the record goes beside it, step 3 again
 * - handled        the inbox has this message already: `duplicate`
 * - ours           an earlier, unanswered try wrote our row: `committed`
 * - stale          the item, or the outbox, is not at the expected version: ConcurrencyConflictError or OutboxAheadError
 * - refused        a guarded condition failed: `refused`
 * - unguarded      a condition of a plain write failed: UnguardedConditionError
 * - unknown        an earlier try went unanswered, and nothing shows its result: CommitOutcomeUnknownError
 */
export class Committer {
  readonly inboxRetentionSeconds: number;
  readonly #options: OutboxOptions;
  readonly #clock: Clock;
  readonly #outboxRetentionSeconds: number;

  constructor(options: OutboxOptions) {
    const { retentionDays = {}, clock = realClock } = options;
    this.#options = options;
    this.#clock = clock;
    this.#outboxRetentionSeconds = Math.ceil((retentionDays.outbox ?? 7) * secondsPerDay);
    this.inboxRetentionSeconds = Math.ceil((retentionDays.inbox ?? 30) * secondsPerDay);
  }

  async commit<Names extends string>(
    commit: Commit<Names>,
    record: InboxRecord | undefined,
    options: CommitOptions,
  ): Promise<Committed | Duplicate | Refused<Names>> {
    const { client, tables } = this.#options;
    const version = await this.#versionOf(commit);
    const row = await this.#rowOf(commit, version);
    if (row !== undefined) describeEvents(row);
    const recording = record && this.#recording(record);
    for (;;) {
      const parts = this.#parts(commit, version, row, recording?.write);
      const writes = parts.map(({ write }) => write);
      checkFits(writes);
      checkDistinct(writes, keyNamesOf(commit, tables));
      const result = await transact(client, writes, options, this.#clock).catch(rethrowSameItemTwice);
      if (result.written) return committed(version);
      // The record is the first part. Its row may hold another source's message with the same id.
      const [recorded] = result.failures;
      if (recording === undefined || recorded === undefined || !recording.retry(recorded.found?.toNative())) {
        return interpret(commit, version, { parts, ...result });
      }
    }
  }

  record(record: InboxRecord): Promise<"recorded" | "duplicate"> {
    return recordAlone(this.#options.client, this.#recording(record));
  }

  #recording(record: InboxRecord): Recording {
    const { tables } = this.#options;
    return new Recording(record, {
      table: tables.inbox,
      now: this.#clock.now(),
      retentionSeconds: this.inboxRetentionSeconds,
    });
  }

  async #versionOf({ aggregate, save, version }: Commit<never>): Promise<number | undefined> {
    const wanted = save === undefined ? version : save.expected + 1;
    if (aggregate === undefined || wanted === undefined) return wanted;
    checkIdentity(aggregate, wanted);
    if (!save?.recreate) return wanted;
    const { client, tables } = this.#options;
    const next = Math.max(wanted, (await highestVersion(client, tables.outbox, aggregate)) + 1);
    checkIdentity(aggregate, next);
    return next;
  }

  async #rowOf(
    { aggregate, events = [] }: Pick<Commit<never>, "aggregate" | "events">,
    version: number | undefined,
  ): Promise<OutboxRow | undefined> {
    if (aggregate === undefined || version === undefined || events.length === 0) return undefined;
    const { source, claimCheck } = this.#options;
    const retentionSeconds = this.#outboxRetentionSeconds;
    return outboxRow(events, { source, aggregate, version, clock: this.#clock, retentionSeconds, claimCheck });
  }

  #parts<Names extends string>(
    { save, writes = [], guarded }: Commit<Names>,
    version: number | undefined,
    row: OutboxRow | undefined,
    record: Write | undefined,
  ): Part<Names>[] {
    const isSilent = row === undefined && record === undefined;
    return [
      ...(record ? [{ role: "inbox" as const, write: record }] : []),
      ...(row ? [outboxPart<Names>(this.#options.tables.outbox, row)] : []),
      ...(save ? [savePart<Names>(save, isSilent, version)] : []),
      ...(guarded ? guardedParts<Names>(guarded) : []),
      ...writes.map((write) => ({ role: "plain" as const, write })),
    ];
  }
}

/** The aggregate is also the message group, whose characters and length SNS and SQS limit. */
function checkIdentity(aggregate: string, version: number): void {
  if (!/^[\x21-\x7e]{1,128}$/.test(aggregate)) {
    throw new TypeError(
      `The aggregate ${JSON.stringify(aggregate)} cannot be a message group: use 1 to 128 printable ASCII characters without spaces.`,
    );
  }
  if (!Number.isSafeInteger(version) || version < 1 || version > maxVersion) {
    throw new TypeError(`Version ${version} of ${aggregate}: versions are whole numbers from 1 to ${maxVersion}.`);
  }
}
