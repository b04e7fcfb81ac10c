import type { DynamoDBRecord } from "aws-lambda";
import { reason } from "../log.ts";
import { createBackoff } from "./backoff.ts";
import { handleBatch } from "./batch/handle-batch.ts";
import { matches } from "./event-filter.ts";
import { type EventSource, sequenceNumber } from "./event-source.ts";
import { IteratorLostError, type Position, RecordsTrimmedError } from "./stream/stream-source.ts";

/** GetRecords returns at most this many. */
const maxPageRecords = 1000;

/**
 * Reads one shard from its checkpoint on, in order, one batch at a time, until the shard is closed and handled to
 * its end (then it is marked finished) or the host is stopped.
 *
 * The reader is always in one of three states. *Gathering*: pages are read and filtered until the batch is full, its
 * window has passed, or, without a window, there is something at all. *Handling*: the function has the batch; nothing
 * is read meanwhile. *Recovering*: a call failed; after a growing wait it gathers again from the checkpoint, with a
 * new iterator. Only handling moves the checkpoint, except that records which the filter drops count as handled once
 * all before them are.
 */
export async function readShard(mapping: EventSource, shard: string): Promise<void> {
  const { signal, log } = mapping;
  const backoff = createBackoff({ minMs: mapping.times.minRetryMs, maxMs: mapping.times.maxRetryMs }, signal);
  const reader = pageReader(mapping, shard);
  while (!signal.aborted) {
    try {
      if ((await readBatch(mapping, shard, reader)) === "finished") return;
      backoff.reset();
    } catch (error) {
      if (signal.aborted) return;
      if (backoff.failures === 0)
        log({ level: "warn", msg: "reading a shard failed", ...about(mapping, shard, error) });
      reader.forget();
      await backoff.wait();
    }
  }
}

async function readBatch(mapping: EventSource, shard: string, reader: PageReader): Promise<"finished" | "open"> {
  const { checkpoints, signal } = mapping;
  const batch = await gather(mapping, reader);
  if (batch.matching.length > 0) await handleBatch(mapping, shard, batch.matching);
  if (signal.aborted) return "open";
  if (batch.upTo !== undefined) checkpoints.advance(shard, batch.upTo);
  if (!batch.isClosed) return "open";
  checkpoints.finish(shard);
  return "finished";
}

const about = (mapping: EventSource, shard: string, error: unknown) => ({
  mapping: mapping.name,
  shard,
  reason: reason(error),
});

interface Batch {
  readonly matching: readonly DynamoDBRecord[];
  /** The last record read, whether it matched or not. */
  readonly upTo: string | undefined;
  readonly isClosed: boolean;
}

type PageReader = ReturnType<typeof pageReader>;

async function gather(mapping: EventSource, reader: PageReader): Promise<Batch> {
  const { batchSize, filter, maximumBatchingWindowSeconds } = mapping.settings;
  const matching: DynamoDBRecord[] = [];
  let upTo: string | undefined;
  let windowEnds = Number.POSITIVE_INFINITY;
  for (;;) {
    const page = await reader.read(Math.min(maxPageRecords, batchSize - matching.length));
    const found = page.records.filter((record) => matches(filter, record));
    if (found.length > 0 && matching.length === 0) windowEnds = Date.now() + maximumBatchingWindowSeconds * 1000;
    matching.push(...found);
    const last = page.records.at(-1);
    if (last !== undefined) upTo = sequenceNumber(last);
    const isClosed = page.next === undefined;
    const full = matching.length >= batchSize || Date.now() >= windowEnds;
    const onlyFiltered = matching.length === 0 && upTo !== undefined;
    if (isClosed || full || onlyFiltered || mapping.signal.aborted) return { matching, upTo, isClosed };
    if (last === undefined) await reader.rest();
  }
}

/** Holds the shard's iterator, makes a new one when it is lost or has been idle for long, and paces the polls. */
function pageReader(mapping: EventSource, shard: string) {
  const { source, checkpoints, times, pace, signal } = mapping;
  let iterator: string | undefined;
  let position: Position = checkpoints.position(shard);
  let lastGain = Date.now();
  let polledAt = lastGain;

  const openIterator = async (): Promise<string> => {
    lastGain = Date.now();
    try {
      return await source.iterator(shard, position);
    } catch (error) {
      if (!(error instanceof RecordsTrimmedError)) throw error;
      const lost = { mapping: mapping.name, shard, position };
      mapping.log({
        level: "error",
        msg: "records were trimmed before they were read: going on at the oldest",
        ...lost,
      });
      position = "horizon";
      return await source.iterator(shard, position);
    }
  };

  return {
    read: async (limit: number) => {
      if (Date.now() - lastGain >= times.iteratorRenewalMs) iterator = undefined;
      iterator ??= await openIterator();
      polledAt = Date.now();
      const page = await source.read(iterator, limit).catch((error: unknown) => {
        if (!(error instanceof IteratorLostError || error instanceof RecordsTrimmedError)) throw error;
        return undefined;
      });
      if (page === undefined) {
        // Not a failure: on AWS iterators expire after 15 minutes. The next read starts from the last position.
        iterator = await openIterator();
        return { records: [], next: iterator };
      }
      iterator = page.next;
      const last = page.records.at(-1);
      if (last !== undefined) {
        position = { after: sequenceNumber(last) };
        lastGain = Date.now();
        pace.traffic();
      }
      return page;
    },
    rest: () => pace.rest(signal, polledAt),
    forget: () => {
      iterator = undefined;
      position = checkpoints.position(shard);
    },
  };
}
