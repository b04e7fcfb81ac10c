import { BatchGetCommand, type DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { backoff } from "./backoff.ts";
import type { Clock } from "./clock.ts";
import type { Write } from "./commit.ts";
import { KnownTally, type Tally } from "./tally.ts";
import { isCollision, type TransactionResult, transact } from "./transaction.ts";
import { uuidv7 } from "./uuidv7.ts";
import { given } from "./whole-answer.ts";

export type Key = Readonly<Record<string, string | number>>;
export type Item = Readonly<Record<string, unknown>>;

export interface MarkersOptions {
  readonly client: DynamoDBDocumentClient;
  readonly table: string;
  /** The attribute of a marker's key that tells it from the others. */
  readonly name: string;
  /** Where the tally is: a key that no marker can have. */
  readonly tally: Key;
  readonly clock: Clock;
}

/** DynamoDB takes 100 keys a call. @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html */
const keysPerRead = 100;
/** How many markers a tally names: of the longest names, 40 KB. */
const mostNamed = 20;
/** The count of a tally that could not be read: more than will ever be released. */
const unknownMany = 1_000_000_000;

/** The markers of what stands aside, and their tally: see `tally.ts`. */
export class Markers {
  readonly #options: MarkersOptions;
  readonly #tally: KnownTally;
  #looksAhead = false;

  constructor(options: MarkersOptions) {
    this.#options = options;
    this.#tally = new KnownTally(options.clock);
  }

  /** It is known, without a read, that there is none. */
  get areNone(): boolean {
    return this.#tally.isEmpty && this.#tally.isReliable;
  }

  /** Those of the markers that are there, consistently: takes a read for what is suspected, 99 a call. */
  async among(keys: readonly Key[], abortSignal?: AbortSignal): Promise<Item[]> {
    return this.read(await this.suspected(keys, abortSignal), abortSignal);
  }

  /**
   * Those of the keys under which a marker may be. Takes no call if the tally has been read in the last second; all
   * keys are suspected if it does not name all there are.
   */
  async suspected(keys: readonly Key[], abortSignal?: AbortSignal): Promise<readonly Key[]> {
    if (keys.length === 0) return [];
    if (!this.#tally.isReliable && !this.#tally.hasOthers) await this.#read([], abortSignal);
    const { isReliable } = this.#tally;
    return keys.filter((key) => !isReliable || this.#tally.mayHave(this.#nameOf(key)));
  }

  /** Those of the markers that are there, consistently. */
  async read(keys: readonly Key[], abortSignal?: AbortSignal): Promise<Item[]> {
    return keys.length === 0 ? [] : this.#read(keys, abortSignal);
  }

  /** Reads the tally beside whatever else is done, if what is known of it will soon be too old to be relied on. */
  lookAhead(): void {
    if (!this.#tally.isEnding || this.#looksAhead) return;
    this.#looksAhead = true;
    void this.#read([])
      // Whoever needs the answer will ask, and meet the same error.
      .catch(() => undefined)
      .finally(() => {
        this.#looksAhead = false;
      });
  }

  /** Resolves when these markers, which are there now, are seen by everybody; false if the signal fires before. */
  async seenByAll(keys: readonly Key[], signal?: AbortSignal): Promise<boolean> {
    const { clock } = this.#options;
    await this.#read([], signal);
    const at = Math.max(...keys.map((key) => this.#tally.seenByAllAt(this.#nameOf(key))));
    for (let left = at - clock.monotonic(); left > 0; left = at - clock.monotonic()) {
      await clock.sleep(left, signal);
      if (signal?.aborted) return false;
    }
    return true;
  }

  /** Writes a marker that was not there, and what belongs to it. The marker's condition must see to that: it is entered. */
  create(marker: Key, writes: readonly Write[], signal?: AbortSignal): Promise<TransactionResult> {
    return this.#withTally(writes, this.#entries(this.#nameOf(marker)), signal);
  }

  /** Changes what belongs to a marker that is there. */
  async change(writes: readonly Write[], signal?: AbortSignal): Promise<TransactionResult> {
    const { client, clock } = this.#options;
    for (;;) {
      try {
        return await transact(client, writes, { signal }, clock);
      } catch (error) {
        // Many may want the tally at once: they stand in line for as long as it takes.
        if (!isCollision(error) || signal?.aborted) throw error;
      }
    }
  }

  /** Removes a marker, if its condition holds: it must fail for one that is not there. */
  async remove(marker: NonNullable<Write["Delete"]>): Promise<boolean> {
    const strikes = this.#strikes(this.#nameOf(marker.Key as Key));
    return (await this.#withTally([{ Delete: marker }], strikes)).written;
  }

  /** One of the updates goes with the tally as it is. Which one is known only when it has been tried. */
  async #withTally(
    writes: readonly Write[],
    updates: readonly Write[],
    signal?: AbortSignal,
  ): Promise<TransactionResult> {
    for (;;) {
      for (const update of updates) {
        signal?.throwIfAborted();
        const result = await this.change([...writes, update], signal);
        const ofWrites = result.written ? [] : result.failures.slice(0, writes.length);
        if (result.written || ofWrites.some((failure) => failure !== undefined)) return result;
      }
    }
  }

  async #read(keys: readonly Key[], abortSignal?: AbortSignal): Promise<Item[]> {
    const { client, clock, table, tally } = this.#options;
    const sentAt = this.#tally.moment();
    const found: Item[] = [];
    let wanted: Record<string, unknown>[] = [tally, ...keys];
    for (let short = 0; wanted.length > 0; ) {
      const request = { Keys: wanted.slice(0, keysPerRead), ConsistentRead: true };
      const { Responses, UnprocessedKeys } = await client.send(
        new BatchGetCommand({ RequestItems: { [table]: request } }),
        { ...(abortSignal && { abortSignal }) },
      );
      // Taken for "none is marked", it would let events overtake those that stand aside.
      found.push(...(given(Responses, "Responses")[table] ?? []));
      const unread = UnprocessedKeys?.[table]?.Keys ?? [];
      wanted = [...unread, ...wanted.slice(keysPerRead)];
      // They are left unread for want of capacity, which asking at once only makes worse.
      short = unread.length > 0 ? short + 1 : 0;
      if (short > 0) await clock.sleep(backoff(clock, short, { base: 20, cap: 1_000 }), abortSignal);
    }
    const isTally = (item: Item) => Object.entries(tally).every(([name, value]) => item[name] === value);
    this.#tally.learn((found.find(isTally) ?? {}) as Tally, sentAt);
    return found.filter((item) => !isTally(item));
  }

  /**
   * By name as long as there is room, else as one more of the others. In every tally one of the conditions holds; the last is
   * for one that cannot be read: how many there are is not known any more, so there are others until somebody puts it right.
   */
  #entries(name: string): Write[] {
    const spell = "SET #spell = if_not_exists(#spell, :spell)";
    const values = { ":spell": this.#newSpell(), ":set": "SS" };
    const named = { ":names": new Set([name]) };
    const countable = "(attribute_not_exists(#count) OR (attribute_type(#count, :number) AND #count >= :none))";
    const full = "(attribute_type(#names, :set) AND size(#names) >= :most)";
    return [
      this.#update(`${spell} ADD #names :names`, {
        condition: "attribute_not_exists(#names) OR (attribute_type(#names, :set) AND size(#names) < :most)",
        values: { ...values, ...named, ":most": mostNamed },
      }),
      this.#update(`${spell} ADD #count :one`, {
        condition: `${full} AND ${countable}`,
        values: { ...values, ":most": mostNamed, ":number": "N", ":none": 0, ":one": 1 },
      }),
      this.#update(`${spell}, #names = :names, #count = :many`, {
        condition: `(attribute_exists(#names) AND NOT attribute_type(#names, :set)) OR (${full} AND NOT ${countable})`,
        values: { ...values, ...named, ":most": mostNamed, ":number": "N", ":none": 0, ":many": unknownMany },
      }),
    ];
  }

  /** The last is for a tally that somebody has deleted, or has set too low. */
  #strikes(name: string): Write[] {
    const spell = "SET #spell = :spell";
    const values = { ":spell": this.#newSpell(), ":name": name, ":set": "SS" };
    const named = "(attribute_type(#names, :set) AND contains(#names, :name))";
    return [
      this.#update(`${spell} DELETE #names :names`, {
        condition: named,
        values: { ...values, ":names": new Set([name]) },
      }),
      this.#update(`${spell} ADD #count :less`, {
        condition: `NOT ${named} AND #count > :none`,
        values: { ...values, ":none": 0, ":less": -1 },
      }),
      this.#update(`${spell}, #count = :none`, {
        condition: `NOT ${named} AND NOT #count > :none`,
        values: { ...values, ":none": 0 },
      }),
    ];
  }

  #update(UpdateExpression: string, { condition, values }: { condition: string; values: Item }): Write {
    const { table, tally } = this.#options;
    const used = ["names", "count", "spell"].filter((name) => `${UpdateExpression} ${condition}`.includes(`#${name}`));
    return {
      Update: {
        TableName: table,
        Key: { ...tally },
        UpdateExpression,
        ConditionExpression: condition,
        ExpressionAttributeNames: Object.fromEntries(used.map((name) => [`#${name}`, name])),
        ExpressionAttributeValues: values,
      },
    };
  }

  #nameOf(marker: Key): string {
    return String(marker[this.#options.name]);
  }

  #newSpell(): string {
    const { clock } = this.#options;
    return uuidv7(clock.now(), clock.randomBytes(16));
  }
}
