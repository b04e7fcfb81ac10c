import type { DynamoDBRecord } from "aws-lambda";
import type { Item } from "../dynamodb/attribute-values.ts";
import { exception } from "../dynamodb/exceptions.ts";
import type { FakeKey, ItemChange } from "../dynamodb/table.ts";
import type { Faults } from "../faults.ts";
import type { Time } from "../time/time.ts";
import { hashOf } from "./hash.ts";
import { toLambdaImage } from "./lambda-records.ts";
import { Shard, type StreamedRecord } from "./shard.ts";

export interface FakeStreamOptions {
  readonly table: string;
  readonly key: FakeKey;
  readonly time: Time;
  readonly faults: Faults;
}

/** A position in a shard. It expires fifteen minutes after its creation. */
export interface ShardPosition {
  readonly shard: Shard;
  /** Index of the next record. */
  readonly next: number;
  readonly expiresAt: number;
}

/** @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_GetShardIterator.html */
const iteratorLifetimeMs = 15 * 60 * 1000;
const firstSequenceNumber = 100_000_000_000;

/**
 * The stream of a table. Changes of a partition key are in one shard, in order. When a split or a merge closes the shard, its
 * children continue with its keys. Records become visible some time after the change: those of a shard in order, those of a
 * transaction not together.
 */
export class FakeStream {
  readonly arn: string;
  readonly #options: FakeStreamOptions;
  readonly #shards: Shard[] = [];
  readonly #waiting = new Set<() => void>();
  #sequence = firstSequenceNumber;

  constructor(options: FakeStreamOptions) {
    this.#options = options;
    this.arn = `arn:aws:dynamodb:us-east-1:000000000000:table/${options.table}/stream/2026-01-01T00:00:00.000`;
    this.#open({ from: 0, to: 1 }, []);
  }

  /** All shards, closed ones too, parents before children. */
  get shards(): readonly Shard[] {
    return this.#shards;
  }

  append(change: ItemChange): void {
    const { time, faults, key } = this.#options;
    const hash = hashOf(JSON.stringify(change.key[key.partition.name]));
    const shard = this.#shards.find(({ isClosed, from, to }) => !isClosed && from <= hash && hash < to);
    if (shard === undefined) throw new Error(`No open shard covers ${hash}: the shards have gaps.`);
    const delayMs = faults.strikes("record-delayed") ? faults.random.integer(100, 5_000) : faults.random.integer(1, 20);
    const visibleAt = Math.max(time.now() + delayMs, shard.records.at(-1)?.visibleAt ?? 0);
    const sequence = this.#sequence++;
    shard.records.push({ record: this.#record(change, sequence), sequence, visibleAt });
    time.after(visibleAt - time.now(), () => this.#wake());
  }

  /** Replaces an open shard by two, as DynamoDB does under load and every few hours. */
  split(shard: Shard): void {
    const middle = (shard.from + shard.to) / 2;
    this.#close(shard);
    this.#open({ from: shard.from, to: middle }, [shard]);
    this.#open({ from: middle, to: shard.to }, [shard]);
  }

  /** Replaces two neighbouring shards by one. */
  merge(left: Shard, right: Shard): void {
    this.#close(left);
    this.#close(right);
    this.#open({ from: left.from, to: right.to }, [left, right]);
  }

  /** A position at the beginning of a shard, or after a record. */
  position(shard: Shard, after = 0): ShardPosition {
    const found = shard.records.findIndex(({ sequence }) => sequence > after);
    const next = found === -1 ? shard.records.length : found;
    return { shard, next, expiresAt: this.#options.time.now() + iteratorLifetimeMs };
  }

  /**
   * Returns the visible records from the position on, and the position after them, which is undefined at the end of a closed shard.
   * @throws ExpiredIteratorException
   */
  read({ shard, next, expiresAt }: ShardPosition, limit: number): { records: StreamedRecord[]; after?: ShardPosition } {
    const now = this.#options.time.now();
    if (expiresAt <= now || this.#options.faults.strikes("iterator-expired")) {
      throw exception("ExpiredIteratorException", "Iterator expired. The iterator was created too long ago.");
    }
    const records = shard.records.slice(next, next + limit).filter(({ visibleAt }) => visibleAt <= now);
    const end = next + records.length;
    if (shard.isClosed && end >= shard.records.length) return { records };
    return { records, after: { shard, next: end, expiresAt: now + iteratorLifetimeMs } };
  }

  /** Resolves when there may be a new record. */
  nextChange(): Promise<void> {
    return new Promise((resolve) => this.#waiting.add(resolve));
  }

  #open(range: { from: number; to: number }, parents: readonly Shard[]): void {
    const number = String(this.#shards.length).padStart(8, "0");
    this.#shards.push(new Shard(`shardId-00000000000000000000-${number}`, range, parents));
    this.#wake();
  }

  #close(shard: Shard): void {
    shard.isClosed = true;
    this.#wake();
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }

  #record({ key, before, after, cause }: ItemChange, sequence: number): DynamoDBRecord {
    return {
      eventID: String(sequence),
      eventName: eventName(before, after),
      eventVersion: "1.1",
      eventSource: "aws:dynamodb",
      awsRegion: "us-east-1",
      eventSourceARN: this.arn,
      dynamodb: {
        ApproximateCreationDateTime: Math.floor(this.#options.time.now() / 1000),
        Keys: toLambdaImage(key),
        ...(after === undefined ? {} : { NewImage: toLambdaImage(after) }),
        SequenceNumber: String(sequence),
        StreamViewType: "NEW_IMAGE",
      },
      ...(cause === "expiry" ? { userIdentity: { type: "Service", principalId: "dynamodb.amazonaws.com" } } : {}),
    };
  }
}

function eventName(before: Item | undefined, after: Item | undefined): "INSERT" | "MODIFY" | "REMOVE" {
  if (after === undefined) return "REMOVE";
  return before === undefined ? "INSERT" : "MODIFY";
}
