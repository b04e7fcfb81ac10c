import { randomUUID } from "node:crypto";
import type { DynamoDBRecord } from "aws-lambda";
import { reason } from "../../log.ts";
import { createBackoff } from "../backoff.ts";
import { type EventSource, sequenceNumber } from "../event-source.ts";
import type { InvocationResult } from "../invocation.ts";
import { judge, type Slice, tooOld, type Verdict, whole } from "./batch-slices.ts";
import type { Discarded } from "./discarded.ts";
import { firstFailure } from "./function-response.ts";

/** The most a synchronous Lambda invocation may carry. */
const payloadLimit = 6 * 1024 * 1024;

/**
 * Hands a batch to the function until every record of it is settled, moving the shard's checkpoint along (see
 * batch-slices.ts for the states). Returns early, with the checkpoint where it was, when the host is stopped.
 */
export async function handleBatch(mapping: EventSource, shard: string, batch: readonly DynamoDBRecord[]) {
  const { times, signal } = mapping;
  const backoff = createBackoff({ first: times.firstRetry, longest: times.longestRetry }, signal);
  let slices: readonly Slice[] = withinPayload(batch).map(whole);
  let last: Invocation = { requestId: "", functionError: false };
  while (!signal.aborted) {
    const [head, ...later] = slices;
    if (head === undefined) return;
    const [expired, slice] = tooOld(head, mapping.settings, Date.now());
    if (expired.records.length > 0) await discard(mapping, shard, expired, "RecordAgeExceeded", last);
    if (slice.records.length === 0) {
      slices = later;
      continue;
    }
    const { verdict, invocation } = await attempt(mapping, shard, slice);
    last = invocation;
    slices = [...verdict.rest, ...later];
    if (verdict.settled.length > 0) backoff.reset();
    if (verdict.backOff) await backoff.wait();
  }
}

/** The last invocation with records that are discarded, for the message about them. */
type Invocation = Pick<Discarded, "requestId" | "functionError">;

const nothing: Verdict = { settled: [], rest: [], backOff: false };

/** One invocation and what follows from it. */
async function attempt(mapping: EventSource, shard: string, slice: Slice) {
  const { settings, signal } = mapping;
  const requestId = randomUUID();
  const result = await mapping.invoke({ Records: [...slice.records] }, requestId);
  const invocation = { requestId, functionError: !result.ok };
  // A function that was ended with the host has not failed.
  if (signal.aborted) return { verdict: nothing, invocation };
  const verdict = judge(slice, failedFrom(result, slice, settings.reportBatchItemFailures), settings);
  settle(mapping, shard, verdict.settled);
  if (verdict.discarded !== undefined) {
    await discard(mapping, shard, verdict.discarded, "RetryAttemptsExhausted", invocation);
  }
  return { verdict, invocation };
}

function failedFrom(result: InvocationResult, slice: Slice, partial: boolean): number {
  if (!result.ok) return 0;
  return partial ? firstFailure(result.response, slice.records) : -1;
}

function settle({ checkpoints }: EventSource, shard: string, records: readonly DynamoDBRecord[]): void {
  const last = records.at(-1);
  if (last !== undefined) checkpoints.advance(shard, sequenceNumber(last));
}

async function discard(
  mapping: EventSource,
  shard: string,
  { records, invocations }: Slice,
  condition: Discarded["condition"],
  invocation: Invocation,
): Promise<void> {
  await tellOnFailure(mapping, shard, { records, condition, invocations, ...invocation });
  if (!mapping.signal.aborted) settle(mapping, shard, records);
}

/**
 * AWS drops the word about a discarded batch when the destination cannot be reached. Here the shard waits: an
 * emulator that is starting up again is no reason to lose the only trace of a record.
 */
async function tellOnFailure(mapping: EventSource, shard: string, discarded: Discarded): Promise<void> {
  const backoff = createBackoff({ first: 100, longest: 2000 }, mapping.signal);
  const about = { mapping: mapping.name, shard, condition: discarded.condition, records: discarded.records.length };
  while (!mapping.signal.aborted) {
    try {
      await mapping.discard(shard, discarded);
      mapping.log({ level: "warn", msg: "records discarded", ...about });
      return;
    } catch (error) {
      mapping.log({
        level: "error",
        msg: "the on-failure destination did not answer",
        ...about,
        reason: reason(error),
      });
      await backoff.wait();
    }
  }
}

function withinPayload(batch: readonly DynamoDBRecord[]): DynamoDBRecord[][] {
  const parts: DynamoDBRecord[][] = [];
  let size = Number.POSITIVE_INFINITY;
  for (const record of batch) {
    const bytes = Buffer.byteLength(JSON.stringify(record)) + 1;
    if (size + bytes > payloadLimit) {
      parts.push([]);
      size = '{"Records":[]}'.length;
    }
    parts.at(-1)?.push(record);
    size += bytes;
  }
  return parts;
}
