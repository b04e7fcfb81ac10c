import { BatchGetCommand, type DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { isCollision, type TransactionResult, transact, type Write } from "../outbox/index.ts";
import { backoff, type Clock, requireMember } from "../runtime/index.ts";
import { entries, type IndexUpdate, type Item, removals, type Suspects, suspectsIn } from "./marker-index.ts";

export type Key = Readonly<Record<string, string | number>>;

export interface MarkersOptions {
  readonly client: DynamoDBDocumentClient;
  readonly table: string;
  /** The attribute of a marker's key that distinguishes the markers. */
  readonly name: string;
  /** Key of the index of the markers; no marker has this key. */
  readonly index: Key;
  readonly clock: Clock;
}

/** DynamoDB takes 100 keys a call. @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html */
const maxKeysPerRead = 100;

/**
 * Markers of parked aggregates or of blocked groups, and their index (`marker-index.ts`). A marker is one of:
 * - absent    the aggregate flows, or the group is open
 * - indexed   the marker exists and the index names it
 * - counted   the marker exists and the index only counts it, because it names 20 others
 *
 * A marker and its entry in the index change in one transaction. Nothing is cached between two reads. A reader with the next
 * row of an aggregate, or the next message of a group, reads the index after it has received the row or message:
 * - an aggregate's rows reach one relay invocation at a time
 * - SQS hands out a group's next message only after the message before it is deleted
 *
 * So the markers that concern the reader were committed before its read, and a consistent read finds them.
 */
export class Markers {
  readonly #options: MarkersOptions;

  constructor(options: MarkersOptions) {
    this.#options = options;
  }

  /** Returns the keys that have a marker. One read of the index suffices while it names every marker. */
  async present<K extends Key>(keys: readonly K[], abortSignal?: AbortSignal): Promise<readonly K[]> {
    const suspects = await this.#suspects(keys, abortSignal);
    if (suspects !== "all") return keys.filter((key) => suspects.has(this.#nameOf(key)));
    const found = new Set((await this.#read(keys, abortSignal)).map((marker) => this.#nameOf(marker as Key)));
    return keys.filter((key) => found.has(this.#nameOf(key)));
  }

  /** Returns the markers of these keys, by consistent reads: one of the index, and one for every 100 keys that may have one. */
  async among(keys: readonly Key[], abortSignal?: AbortSignal): Promise<Item[]> {
    const suspects = await this.#suspects(keys, abortSignal);
    const suspected = suspects === "all" ? keys : keys.filter((key) => suspects.has(this.#nameOf(key)));
    return this.#read(suspected, abortSignal);
  }

  /**
   * Writes a new marker, its entry in the index and the writes that belong to them. The marker's condition must fail for an
   * existing marker.
   */
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
        // Many processes may write the index at once, so a collision is tried again without a limit.
        if (!isCollision(error) || signal?.aborted) throw error;
      }
    }
  }

  /** Removes a marker and its entry if the marker's condition holds. The condition must fail for a missing marker. */
  async remove(marker: NonNullable<Write["Delete"]>): Promise<boolean> {
    const updates = removals(this.#nameOf(marker.Key as Key));
    return (await this.#withIndex([{ Delete: marker }], updates)).written;
  }

  /** Tries the updates of the index in turn: one of their conditions holds, and only DynamoDB knows which. */
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
    let incompleteReads = 0;
    while (wanted.length > 0) {
      const request = { Keys: wanted.slice(0, maxKeysPerRead), ConsistentRead: true };
      const { Responses, UnprocessedKeys } = await client.send(
        new BatchGetCommand({ RequestItems: { [table]: request } }),
        { ...(abortSignal && { abortSignal }) },
      );
      // Without Responses, events would overtake parked ones, because no marker would be found.
      found.push(...(requireMember(Responses, "Responses")[table] ?? []));
      const unread = UnprocessedKeys?.[table]?.Keys ?? [];
      wanted = [...unread, ...wanted.slice(maxKeysPerRead)];
      // Keys stay unprocessed for lack of capacity, and reading them again at once would make that worse.
      incompleteReads = unread.length > 0 ? incompleteReads + 1 : 0;
      if (incompleteReads > 0) {
        await clock.sleep(backoff(clock, incompleteReads, { base: 20, cap: 1_000 }), abortSignal);
      }
    }
    return found;
  }

  #nameOf(marker: Key): string {
    return String(marker[this.#options.name]);
  }
}
