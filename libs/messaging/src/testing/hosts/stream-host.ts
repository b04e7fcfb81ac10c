import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from "aws-lambda";
import type { Clock } from "../../runtime/index.ts";
import type { Faults } from "../faults.ts";
import type { FakeStream, ShardPosition } from "../streams/fake-stream.ts";
import { copyOfRecord } from "../streams/lambda-records.ts";
import type { Shard, StreamedRecord } from "../streams/shard.ts";
import type { FakeFunction } from "./fake-function.ts";

export interface StreamHostOptions {
  readonly stream: FakeStream;
  readonly function: FakeFunction<DynamoDBStreamEvent>;
  readonly clock: Clock;
  readonly faults: Faults;
  /** Default 100. */
  readonly batchSize?: number;
  /** Event names that reach the function. Default all. */
  readonly eventNames?: readonly NonNullable<DynamoDBRecord["eventName"]>[];
  readonly signal: AbortSignal;
}

/**
 * Lambda's event source mapping for a stream, with `TRIM_HORIZON`, partial batch responses, bisecting and no retry cap.
 *
 * One reader follows a shard, after its parents have been read to their end:
 * 1. it reads a batch
 * 2. it invokes the function until the whole batch is processed: from the first record that the function reports as failed, or
 *    with halves of the batch if it throws
 * 3. it moves the checkpoint
 *
 * An expired iterator is replaced by one at the checkpoint. After a lost checkpoint, a batch is invoked again.
 */
export function hostStream(options: StreamHostOptions): void {
  const followed = new Set<Shard>();
  const finished = new Set<Shard>();

  const followOpened = () => {
    for (const shard of options.stream.shards) {
      if (followed.has(shard) || !shard.parents.every((parent) => finished.has(parent))) continue;
      followed.add(shard);
      void follow(shard, options).then((atEnd) => {
        if (atEnd) finished.add(shard);
        followOpened();
      });
    }
  };
  followOpened();
}

/** True at the end of a closed shard, false when the host is stopped. */
async function follow(shard: Shard, options: StreamHostOptions): Promise<boolean> {
  const { stream, signal } = options;
  let checkpoint = 0;
  let position = stream.position(shard);
  while (!signal.aborted) {
    const read = readFrom(position, options);
    const records = read?.records ?? [];
    if (records.length > 0) {
      await process(records, options);
      await mayLoseCheckpoint(records, options);
      checkpoint = records.at(-1)?.sequence ?? checkpoint;
    } else if (read?.after !== undefined) await stream.nextChange();
    if (read !== undefined && read.after === undefined) return true;
    position = read?.after ?? stream.position(shard, checkpoint);
  }
  return false;
}

/** The host crashes after a batch and before its checkpoint. Its successor may take long to start. */
async function mayLoseCheckpoint(records: readonly StreamedRecord[], options: StreamHostOptions): Promise<void> {
  const { faults, clock } = options;
  if (!faults.strikes("checkpoint-lost")) return;
  // Longer than the deduplication of SNS and SQS.
  if (faults.strikes("host-away")) await clock.sleep(6 * 60 * 1000);
  await process(records, options);
}

/** Undefined if the position has expired. */
function readFrom(position: ShardPosition, { stream, batchSize = 100 }: StreamHostOptions) {
  try {
    return stream.read(position, batchSize);
  } catch (error) {
    if (error instanceof Error && error.name === "ExpiredIteratorException") return undefined;
    throw error;
  }
}

/** Invokes the function until all records are processed, in order. */
async function process(records: readonly StreamedRecord[], options: StreamHostOptions): Promise<void> {
  const { eventNames, clock, faults, signal } = options;
  const wanted = records.filter(
    ({ record }) => eventNames === undefined || eventNames.some((name) => name === record.eventName),
  );
  const batches = wanted.length === 0 ? [] : [wanted];
  for (let failures = 0; batches[0] !== undefined && !signal.aborted; ) {
    const [batch] = batches;
    const rest = await invoke(batch, options);
    if (rest === "failed") batches.splice(0, 1, ...halves(batch, faults));
    else if (rest.length > 0) {
      faults.saw("batch-repeated-in-part");
      batches[0] = rest;
    } else batches.shift();
    failures = rest.length === 0 ? 0 : failures + 1;
    if (failures > 0) await clock.sleep(Math.min(10_000, 50 * 2 ** failures));
  }
}

/** The rest of the batch, from the first record that the function reports; or the failure of the whole batch. */
async function invoke(
  batch: readonly StreamedRecord[],
  options: StreamHostOptions,
): Promise<StreamedRecord[] | "failed"> {
  try {
    const event = { Records: batch.map(({ record }) => copyOfRecord(record)) };
    const { batchItemFailures = [] } = ((await options.function.invoke(event)) ?? {}) as Partial<DynamoDBBatchResponse>;
    const numbers = batchItemFailures.map(({ itemIdentifier }) => Number(itemIdentifier));
    if (numbers.length === 0) return [];
    // Lambda starts again at the lowest reported record. If it knows none of them, the whole batch has failed.
    const from = batch.findIndex(({ sequence }) => sequence === Math.min(...numbers));
    return from === -1 ? "failed" : batch.slice(from);
  } catch {
    return "failed";
  }
}

function halves(batch: readonly StreamedRecord[], faults: Faults): StreamedRecord[][] {
  if (batch.length < 2) return [[...batch]];
  faults.saw("batch-bisected");
  const middle = Math.ceil(batch.length / 2);
  return [batch.slice(0, middle), batch.slice(middle)];
}
