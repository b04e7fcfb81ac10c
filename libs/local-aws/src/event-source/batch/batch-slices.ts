import type { DynamoDBRecord } from "aws-lambda";

/** The settings of an event source mapping that decide what happens to a batch that fails. */
export interface RetrySettings {
  readonly reportBatchItemFailures: boolean;
  readonly bisectBatchOnFunctionError: boolean;
  /** -1: no cap. */
  readonly maximumRetryAttempts: number;
  /** -1: no limit. */
  readonly maximumRecordAgeSeconds: number;
}

/**
 * A batch is a list of slices to hand to the function one after the other; at first it is one slice.
 *
 * The first slice is invoked. When it succeeds it is settled and the next one comes. When it fails from some record
 * on, the records before that are settled and the rest stays in front. When it fails altogether, it is cut in two
 * halves if bisecting is on and it has more than one record, so that a poisoned record ends up alone; splitting costs
 * no retry. A slice that can no longer be split is tried again until its retries are used up or its records are too old, and
 * is then discarded: settled, and the on-failure destination is notified.
 */
export interface Slice {
  readonly records: readonly DynamoDBRecord[];
  /** Retries used. */
  readonly retries: number;
  /** How often the function has been given these records. */
  readonly invocations: number;
}

export const wholeBatch = (records: readonly DynamoDBRecord[]): Slice => ({ records, retries: 0, invocations: 0 });

export interface SliceOutcome {
  readonly settled: readonly DynamoDBRecord[];
  /** Its retries are used up. */
  readonly discarded?: Slice;
  readonly rest: readonly Slice[];
  /** The same records come again: wait a little first. */
  readonly needsBackoff: boolean;
}

/** The consequences of a slice that failed from the record at `from` on (-1: it did not fail, 0: all of it). */
export function outcomeOf(slice: Slice, from: number, settings: RetrySettings): SliceOutcome {
  const tried = { ...slice, invocations: slice.invocations + 1 };
  if (from < 0) return { settled: slice.records, rest: [], needsBackoff: false };
  if (from > 0) return splitAtFailure(tried, from, settings);
  if (settings.bisectBatchOnFunctionError && slice.records.length > 1) {
    const middle = Math.ceil(slice.records.length / 2);
    const halves = [slice.records.slice(0, middle), slice.records.slice(middle)];
    return { settled: [], rest: halves.map((records) => ({ ...tried, records })), needsBackoff: false };
  }
  return tryAgain(tried, [], settings);
}

/** With bisecting on, AWS calls this a split at the returned sequence number, and a split costs no retry. */
function splitAtFailure(tried: Slice, from: number, settings: RetrySettings): SliceOutcome {
  const settled = tried.records.slice(0, from);
  const remaining = { ...tried, records: tried.records.slice(from) };
  if (settings.bisectBatchOnFunctionError) return { settled, rest: [remaining], needsBackoff: true };
  return tryAgain(remaining, settled, settings);
}

function tryAgain(slice: Slice, settled: readonly DynamoDBRecord[], settings: RetrySettings): SliceOutcome {
  const { maximumRetryAttempts: cap } = settings;
  if (cap >= 0 && slice.retries >= cap) return { settled, discarded: slice, rest: [], needsBackoff: false };
  return { settled, rest: [{ ...slice, retries: slice.retries + 1 }], needsBackoff: true };
}

/** Cuts off the records that are older than the mapping hands to a function; they are always the first ones. */
export function splitByAge(slice: Slice, settings: RetrySettings, now: number): [expired: Slice, fresh: Slice] {
  const limit = settings.maximumRecordAgeSeconds;
  const nowSeconds = now / 1000;
  // A record without a time is never too old.
  const ageSeconds = ({ dynamodb }: DynamoDBRecord) =>
    nowSeconds - (dynamodb?.ApproximateCreationDateTime ?? nowSeconds);
  const firstFresh = limit < 0 ? 0 : slice.records.findIndex((record) => ageSeconds(record) <= limit);
  const cut = firstFresh < 0 ? slice.records.length : firstFresh;
  return [
    { ...slice, records: slice.records.slice(0, cut) },
    { ...slice, records: slice.records.slice(cut) },
  ];
}
