import { randomUUID } from "node:crypto";
import type { DynamoDBRecord } from "aws-lambda";
import { reason } from "../../log.ts";
import { createBackoff } from "../backoff.ts";
import { type EventSource, sequenceNumber } from "../event-source.ts";
import type { InvocationResult } from "../invocation.ts";
import { outcomeOf, type Slice, type SliceOutcome, splitByAge, wholeBatch } from "./batch-slices.ts";
import type { Discarded } from "./discarded.ts";
import { firstFailure } from "./function-response.ts";

/** The most a synchronous Lambda invocation may carry. */
const maxPayloadBytes = 6 * 1024 * 1024;

/**
 * Hands a batch to the function until every record of it is settled, moving the shard's checkpoint along (see
 * batch-slices.ts for the states). Returns early, with the checkpoint where it was, when the host is stopped.
 */
export async function handleBatch(mapping: EventSource, shard: string, batch: readonly DynamoDBRecord[]) {
  const { times, signal } = mapping;
  const backoff = createBackoff({ minMs: times.minRetryMs, maxMs: times.maxRetryMs }, signal);
  let slices: readonly Slice[] = withinPayload(batch).map(wholeBatch);
  let last: Invocation = { requestId: "", functionError: false };
  while (!signal.aborted) {
    const [head, ...later] = slices;
    if (head === undefined) return;
    const [expired, slice] = splitByAge(head, mapping.settings, Date.now());
    if (expired.records.length > 0) await discard(mapping, shard, expired, "RecordAgeExceeded", last);
    if (slice.records.length === 0) {
      slices = later;
      continue;
    }
    const { outcome, invocation } = await attempt(mapping, shard, slice);
    last = invocation;
    slices = [...outcome.rest, ...later];
    if (outcome.settled.length > 0) backoff.reset();
    if (outcome.needsBackoff) await backoff.wait();
  }
}

/** The last invocation with records that are discarded, for the message about them. */
type Invocation = Pick<Discarded, "requestId" | "functionError">;

const nothing: SliceOutcome = { settled: [], rest: [], needsBackoff: false };

/** Invokes the function once, and settles or discards its records accordingly. */
async function attempt(mapping: EventSource, shard: string, slice: Slice) {
  const { settings, signal } = mapping;
  const requestId = randomUUID();
  const result = await mapping.invoke({ Records: [...slice.records] }, requestId);
  const invocation = { requestId, functionError: !result.ok };
  // A function that was ended with the host has not failed.
  if (signal.aborted) return { outcome: nothing, invocation };
  const outcome = outcomeOf(slice, failedFrom(result, slice, settings.reportBatchItemFailures), settings);
  settle(mapping, shard, outcome.settled);
  if (outcome.discarded !== undefined) {
    await discard(mapping, shard, outcome.discarded, "RetryAttemptsExhausted", invocation);
  }
  return { outcome, invocation };
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
  await notifyOnFailure(mapping, shard, { records, condition, invocations, ...invocation });
  if (!mapping.signal.aborted) settle(mapping, shard, records);
}

/**
 * AWS drops the message about a discarded batch when the destination cannot be reached. Here the shard waits: an
 * emulator that is starting up again is no reason to lose the only trace of a record.
 */
async function notifyOnFailure(mapping: EventSource, shard: string, discarded: Discarded): Promise<void> {
  const backoff = createBackoff({ minMs: 100, maxMs: 2_000 }, mapping.signal);
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
    if (size + bytes > maxPayloadBytes) {
      parts.push([]);
      size = '{"Records":[]}'.length;
    }
    parts.at(-1)?.push(record);
    size += bytes;
  }
  return parts;
}
