import type { DynamoDBRecord } from "aws-lambda";
import { IteratorLostError, type Position, RecordsTrimmedError, type StreamSource } from "./stream-source.ts";

interface FakeShard {
  readonly parent: string | undefined;
  readonly records: DynamoDBRecord[];
  isClosed: boolean;
}

/**
 * A stream with any number of shards, which dynoxide does not have. A test opens, closes, trims and removes shards, and expires
 * or stalls their iterators.
 */
export class FakeStream implements StreamSource {
  readonly streamArn = "arn:aws:dynamodb:us-east-1:000000000000:table/fake/stream/1";
  /** `GetRecords` calls so far. */
  reads = 0;
  /** `GetShardIterator` calls so far, in order. */
  readonly iteratorRequests: { shard: string; from: Position }[] = [];
  readonly #shards = new Map<string, FakeShard>();
  /** Sequence numbers of the records that the stream has dropped. */
  readonly #trimmed = new Set<string>();
  readonly #iterators = new Map<string, { shard: string; index: number; isStalled: boolean }>();
  #lastSequence = 0;
  #lastIterator = 0;
  #failures: Error[] = [];

  constructor(shards: readonly string[] = ["shard-1"]) {
    for (const shard of shards) this.open(shard);
  }

  open(shard: string, parent?: string): void {
    this.#shards.set(shard, { parent, records: [], isClosed: false });
  }

  close(shard: string): void {
    this.#shard(shard).isClosed = true;
  }

  /** The stream no longer lists the shard. */
  forget(shard: string): void {
    this.#shards.delete(shard);
  }

  /** Adds records to a shard; each carries `name` as its key. Returns their sequence numbers. */
  put(
    shard: string,
    names: readonly string[],
    details: { eventName?: "INSERT" | "REMOVE"; at?: number } = {},
  ): string[] {
    return names.map((name) => {
      this.#lastSequence += 1;
      const SequenceNumber = String(this.#lastSequence).padStart(21, "0");
      this.#shard(shard).records.push({
        eventID: SequenceNumber,
        eventName: details.eventName ?? "INSERT",
        dynamodb: {
          SequenceNumber,
          Keys: { name: { S: name } },
          ApproximateCreationDateTime: Math.floor((details.at ?? Date.now()) / 1000),
        },
      });
      return SequenceNumber;
    });
  }

  /** Drops the oldest records, as a stream does after 24 hours. */
  trim(shard: string, count: number): void {
    const { records } = this.#shard(shard);
    for (const record of records.splice(0, count)) this.#trimmed.add(record.dynamodb?.SequenceNumber ?? "");
    for (const iterator of this.#iterators.values()) {
      if (iterator.shard === shard) iterator.index = Math.max(0, iterator.index - count);
    }
  }

  expireIterators(): void {
    this.#iterators.clear();
  }

  /** Iterators handed out so far answer with empty pages from now on. */
  stallIterators(): void {
    for (const iterator of this.#iterators.values()) iterator.isStalled = true;
  }

  /** The next calls of `read` fail with these errors. */
  failReads(...errors: Error[]): void {
    this.#failures.push(...errors);
  }

  async shards() {
    return [...this.#shards].map(([id, { parent }]) => ({ id, ...(parent !== undefined && { parent }) }));
  }

  async iterator(shard: string, from: Position) {
    this.iteratorRequests.push({ shard, from });
    if (from !== "horizon" && this.#trimmed.has(from.after)) throw new RecordsTrimmedError("trimmed");
    const index = from === "horizon" ? 0 : this.#after(shard, from.after);
    return this.#newIterator(shard, index);
  }

  async read(iterator: string, limit: number) {
    this.reads += 1;
    const failure = this.#failures.shift();
    if (failure !== undefined) throw failure;
    const at = this.#iterators.get(iterator);
    if (at === undefined) throw new IteratorLostError("expired");
    const { records, isClosed } = this.#shard(at.shard);
    const page = at.isStalled ? [] : records.slice(at.index, at.index + limit);
    const next = at.index + page.length;
    this.#iterators.delete(iterator);
    if (isClosed && next >= records.length) return { records: page };
    const nextIterator = this.#newIterator(at.shard, next, at.isStalled);
    return { records: page, next: nextIterator };
  }

  #after(shard: string, sequenceNumber: string): number {
    return this.#shard(shard).records.findIndex((record) => record.dynamodb?.SequenceNumber === sequenceNumber) + 1;
  }

  #newIterator(shard: string, index: number, isStalled = false): string {
    this.#lastIterator += 1;
    const iterator = `${shard}-iterator-${this.#lastIterator}`;
    this.#iterators.set(iterator, { shard, index, isStalled });
    return iterator;
  }

  #shard(id: string): FakeShard {
    const shard = this.#shards.get(id);
    if (shard === undefined) throw new Error(`no shard ${id}`);
    return shard;
  }
}
