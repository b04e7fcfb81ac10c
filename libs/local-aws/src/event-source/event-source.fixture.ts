import type { DynamoDBRecord } from "aws-lambda";
import { onTestFinished, vi } from "vitest";
import type { Discarded } from "./batch/discarded.ts";
import { type Checkpoints, openCheckpoints } from "./checkpoints.ts";
import type { EventSource } from "./event-source.ts";
import { followStream } from "./follow-stream.ts";
import type { InvocationResult } from "./invocation.ts";
import { createPace, type Pace } from "./pace.ts";
import { FakeStream } from "./stream/fake-stream.fixture.ts";
import type { StreamSource } from "./stream/stream-source.ts";

export const nameOf = (record: DynamoDBRecord): string => record.dynamodb?.Keys?.name?.S ?? "";

export const done: InvocationResult = { ok: true, response: null };
export const threw: InvocationResult = { ok: false, error: "boom" };

/** The answer of a function that could not handle the named record. */
export function failedAt(records: readonly DynamoDBRecord[], name: string): InvocationResult {
  const failed = records.find((record) => nameOf(record) === name);
  const batchItemFailures = failed ? [{ itemIdentifier: failed.dynamodb?.SequenceNumber }] : [];
  return { ok: true, response: { batchItemFailures } };
}

interface Setup {
  readonly stream?: FakeStream;
  /** Read instead of `stream`, for example a wrapper that fails. */
  readonly source?: StreamSource;
  readonly checkpoints?: Checkpoints;
  readonly settings?: Partial<EventSource["settings"]>;
  readonly times?: Partial<EventSource["times"]>;
  readonly pace?: Pace;
  /** How many times the on-failure destination does not answer. */
  readonly discardFailures?: number;
  /** Called with each batch; `done` without it. */
  readonly handle?: (records: readonly DynamoDBRecord[], count: number) => InvocationResult | Promise<InvocationResult>;
}

/** Starts a mapping on a fake stream, which runs until the test ends and records its batches and discards. */
export function startFakeMapping(setup: Setup = {}) {
  const stream = setup.stream ?? new FakeStream();
  const checkpoints = setup.checkpoints ?? openCheckpoints(stream.streamArn);
  const batches: string[][] = [];
  const discarded: (Omit<Discarded, "records"> & { shard: string; names: string[] })[] = [];
  const logged: string[] = [];
  let failures = setup.discardFailures ?? 0;
  const stopped = new AbortController();
  const following = followStream({
    name: "mapping",
    source: setup.source ?? stream,
    settings: {
      batchSize: 100,
      maximumBatchingWindowSeconds: 0,
      filter: { eventName: ["INSERT"] },
      reportBatchItemFailures: true,
      bisectBatchOnFunctionError: false,
      maximumRetryAttempts: -1,
      maximumRecordAgeSeconds: -1,
      ...setup.settings,
    },
    checkpoints,
    invoke: async (event) => {
      batches.push(event.Records.map(nameOf));
      return (await setup.handle?.(event.Records, batches.length)) ?? done;
    },
    discard: async (shard, { records, ...rest }) => {
      if (failures > 0) {
        failures -= 1;
        throw new Error("no answer");
      }
      discarded.push({ shard, names: records.map(nameOf), ...rest });
    },
    pace: setup.pace ?? createPace({ busyMs: 1, idleMs: 2, wokenMs: 2 }),
    times: {
      shardRefreshMs: 5,
      iteratorRenewalMs: 60_000,
      minRetryMs: 1,
      maxRetryMs: 2,
      ...setup.times,
    },
    log: (entry) => logged.push(entry.msg),
    signal: stopped.signal,
  });
  const stop = async () => {
    stopped.abort();
    await following;
  };
  onTestFinished(stop);
  return { stream, checkpoints, batches, discarded, logged, stop };
}

/** Waits for an assertion to hold. */
export const eventually = (assertion: () => void) => vi.waitFor(assertion, { timeout: 120_000, interval: 2 });
