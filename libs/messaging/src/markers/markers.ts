import { BatchGetCommand, type DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { isCollision, type TransactionResult, transact, type Write } from "../outbox/index.ts";
import { backoff, type Clock, given } from "../runtime/index.ts";
import { entries, type IndexUpdate, type Item, removals, type Suspects, suspectsIn } from "./marker-index.ts";

export type Key = Readonly<Record<string, string | number>>;

export interface MarkersOptions {
  readonly client: DynamoDBDocumentClient;
  readonly table: string;
  /** The attribute of a marker's key that tells it from the others. */
  readonly name: string;
  /** Key of the index of the markers: a key that no marker can have. */
  readonly index: Key;
  readonly clock: Clock;
}

/** DynamoDB takes 100 keys a call. @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html */
const maxKeysPerRead = 100;

/**
 * Markers of parked aggregates or of blocked groups, and their index (`marker-index.ts`).
 *
 * Nothing is remembered between two reads. A reader that holds the next row of an aggregate, or the next message of a
 * group, reads the index after it has received it: an aggregate's rows reach one relay invocation at a time, and a group
 * hands out its next message only after the one before it is gone. So a marker that concerns the reader was committed
 * before the read, and a consistent read finds it.
 */
export class Markers {
  readonly #options: MarkersOptions;

  constructor(options: MarkersOptions) {
    this.#options = options;
  }

  /** Those of the keys under which a marker exists: one read of the index, which suffices while it names every marker. */
  async present<K extends Key>(keys: readonly K[], abortSignal?: AbortSignal): Promise<readonly K[]> {
    const suspects = await this.#suspects(keys, abortSignal);
    if (suspects !== "all") return keys.filter((key) => suspects.has(this.#nameOf(key)));
    const found = new Set((await this.#read(keys, abortSignal)).map((marker) => this.#nameOf(marker as Key)));
    return keys.filter((key) => found.has(this.#nameOf(key)));
  }

  /** The markers under these keys, consistently: one read of the index, and one for every 100 keys that may have one. */
  async among(keys: readonly Key[], abortSignal?: AbortSignal): Promise<Item[]> {
    const suspects = await this.#suspects(keys, abortSignal);
    const suspected = suspects === "all" ? keys : keys.filter((key) => suspects.has(this.#nameOf(key)));
    return this.#read(suspected, abortSignal);
  }

  /** Writes a marker that does not exist yet, its entry in the index, and the writes that belong to them. The marker's condition must refuse an existing one. */
  create(marker: Key, writes: readonly Write[], signal?: AbortSignal): Promise<TransactionResult> {
    return this.#withIndex(writes, entries(this.#nameOf(marker)), signal);
  }

  /** Changes an existing marker, and the writes that belong to it. */
  async change(writes: readonly Write[], signal?: AbortSignal): Promise<TransactionResult> {
    const { client, clock } = this.#options;
    for (;;) {
      try {
        return await transact(client, writes, { signal }, clock);
      } catch (error) {
        // Many processes may write the index at once: each waits its turn for as long as it takes.
        if (!isCollision(error) || signal?.aborted) throw error;
      }
    }
  }

  /** Removes a marker and its entry, if the marker's condition holds. The condition must fail for a marker that does not exist. */
  async remove(marker: NonNullable<Write["Delete"]>): Promise<boolean> {
    const updates = removals(this.#nameOf(marker.Key as Key));
    return (await this.#withIndex([{ Delete: marker }], updates)).written;
  }

  /** Tries the updates in turn, because only the item itself tells which one's condition holds. */
  async #withIndex(
    writes: readonly Write[],
    updates: readonly IndexUpdate[],
    signal?: AbortSignal,
  ): Promise<TransactionResult> {
    const { table, index } = this.#options;
    for (;;) {
      for (const update of updates) {
        signal?.throwIfAborted();
        const entry: Write = { Update: { TableName: table, Key: { ...index }, ...update } };
        const result = await this.change([...writes, entry], signal);
        const ofWrites = result.written ? [] : result.failures.slice(0, writes.length);
        if (result.written || ofWrites.some((failure) => failure !== undefined)) return result;
      }
    }
  }

  async #suspects(keys: readonly Key[], abortSignal?: AbortSignal): Promise<Suspects> {
    if (keys.length === 0) return new Set();
    const [item] = await this.#read([this.#options.index], abortSignal);
    return suspectsIn(item);
  }

  async #read(keys: readonly Key[], abortSignal?: AbortSignal): Promise<Item[]> {
    const { client, table, clock } = this.#options;
    const found: Item[] = [];
    let wanted: Record<string, unknown>[] = [...keys];
    for (let short = 0; wanted.length > 0; ) {
      const request = { Keys: wanted.slice(0, maxKeysPerRead), ConsistentRead: true };
      const { Responses, UnprocessedKeys } = await client.send(
        new BatchGetCommand({ RequestItems: { [table]: request } }),
        { ...(abortSignal && { abortSignal }) },
      );
      // An answer without them is no answer: taken for "no marker", it would let events overtake parked ones.
      found.push(...(given(Responses, "Responses")[table] ?? []));
      const unread = UnprocessedKeys?.[table]?.Keys ?? [];
      wanted = [...unread, ...wanted.slice(maxKeysPerRead)];
      // They are left unread for want of capacity; asking again at once makes that worse.
      short = unread.length > 0 ? short + 1 : 0;
      if (short > 0) await clock.sleep(backoff(clock, short, { base: 20, cap: 1_000 }), abortSignal);
    }
    return found;
  }

  #nameOf(marker: Key): string {
    return String(marker[this.#options.name]);
  }
}
