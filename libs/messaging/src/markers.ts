import { BatchGetCommand, type DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { backoff } from "./backoff.ts";
import { Calm, type Tally } from "./calm.ts";
import type { Clock } from "./clock.ts";
import type { Write } from "./commit.ts";
import { isCollision, type TransactionResult, transact } from "./transaction.ts";
import { uuidv7 } from "./uuidv7.ts";

export type Key = Readonly<Record<string, string | number>>;
export type Item = Readonly<Record<string, unknown>>;

export interface MarkersOptions {
  readonly client: DynamoDBDocumentClient;
  readonly table: string;
  /** Where the tally is: a key that no marker can have. */
  readonly tally: Key;
  readonly clock: Clock;
}

/** DynamoDB takes 100 keys a call. @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html */
const keysPerRead = 100;

/** The markers of what stands aside, and their tally: see `calm.ts`. */
export class Markers {
  readonly #options: MarkersOptions;
  readonly #calm: Calm;
  #looksAhead = false;

  constructor(options: MarkersOptions) {
    this.#options = options;
    this.#calm = new Calm(options.clock);
  }

  /** Those of the markers that are there, consistently. Takes no call in calm, and one for 99 keys in unrest. */
  async among(keys: readonly Key[], abortSignal?: AbortSignal): Promise<Item[]> {
    if (keys.length === 0 || this.#calm.isReliable) return [];
    if (!this.#calm.isUnrest) {
      await this.#read([], abortSignal);
      if (this.#calm.isReliable) return [];
    }
    return this.#read(keys, abortSignal);
  }

  /** Reads the tally beside whatever else is done, if what is known of it will soon be too old to be relied on. */
  lookAhead(): void {
    if (!this.#calm.isEnding || this.#looksAhead) return;
    this.#looksAhead = true;
    void this.#read([])
      // Whoever needs the answer will ask, and meet the same error.
      .catch(() => undefined)
      .finally(() => {
        this.#looksAhead = false;
      });
  }

  /** Resolves when markers that are there now are seen by everybody; false if the signal fires before. */
  async seenByAll(signal?: AbortSignal): Promise<boolean> {
    const { clock } = this.#options;
    await this.#read([], signal);
    const at = this.#calm.seenByAllAt;
    for (let left = at - clock.monotonic(); left > 0; left = at - clock.monotonic()) {
      await clock.sleep(left, signal);
      if (signal?.aborted) return false;
    }
    return true;
  }

  /** Writes a marker that was not there, and what belongs to it. The marker's condition must see to that: it is counted. */
  create(writes: readonly Write[], signal?: AbortSignal): Promise<TransactionResult> {
    return this.change([...writes, this.#counted()], signal);
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
    const { client, clock } = this.#options;
    // Whether it is the last one is known only when the transaction has been tried.
    for (let last = false; ; last = !last) {
      const uncounted = last ? this.#noneLeft() : this.#oneLess();
      const result = await transact(client, [{ Delete: marker }, uncounted], {}, clock);
      if (result.written) return true;
      if (result.failures[0] !== undefined) return false;
    }
  }

  async #read(keys: readonly Key[], abortSignal?: AbortSignal): Promise<Item[]> {
    const { client, clock, table, tally } = this.#options;
    const sentAt = this.#calm.moment();
    const found: Item[] = [];
    let wanted: Record<string, unknown>[] = [tally, ...keys];
    for (let short = 0; wanted.length > 0; ) {
      const request = { Keys: wanted.slice(0, keysPerRead), ConsistentRead: true };
      const { Responses, UnprocessedKeys } = await client.send(
        new BatchGetCommand({ RequestItems: { [table]: request } }),
        { ...(abortSignal && { abortSignal }) },
      );
      found.push(...(Responses?.[table] ?? []));
      const unread = UnprocessedKeys?.[table]?.Keys ?? [];
      wanted = [...unread, ...wanted.slice(keysPerRead)];
      // They are left unread for want of capacity, which asking at once only makes worse.
      short = unread.length > 0 ? short + 1 : 0;
      if (short > 0) await clock.sleep(backoff(clock, short, { base: 20, cap: 1_000 }), abortSignal);
    }
    const isTally = (item: Item) => Object.entries(tally).every(([name, value]) => item[name] === value);
    this.#calm.learn((found.find(isTally) ?? {}) as Tally, sentAt);
    return found.filter((item) => !isTally(item));
  }

  #counted(): Write {
    return this.#update("SET #spell = if_not_exists(#spell, :spell) ADD #count :one", {
      names: ["spell"],
      values: { ":spell": this.#newSpell(), ":one": 1 },
    });
  }

  #oneLess(): Write {
    const values = { ":one": 1, ":less": -1 };
    return this.#update("ADD #count :less", { condition: "#count > :one", values });
  }

  /** Also of a tally that somebody has deleted or set too low. */
  #noneLeft(): Write {
    return this.#update("SET #count = :none, #spell = :spell", {
      condition: "attribute_not_exists(#count) OR #count <= :one",
      names: ["spell"],
      values: { ":none": 0, ":one": 1, ":spell": this.#newSpell() },
    });
  }

  #update(
    UpdateExpression: string,
    { condition, names = [], values }: { condition?: string; names?: readonly string[]; values: Item },
  ): Write {
    const { table, tally } = this.#options;
    return {
      Update: {
        TableName: table,
        Key: { ...tally },
        UpdateExpression,
        ...(condition && { ConditionExpression: condition }),
        ExpressionAttributeNames: Object.fromEntries(["count", ...names].map((name) => [`#${name}`, name])),
        ExpressionAttributeValues: values,
      },
    };
  }

  #newSpell(): string {
    const { clock } = this.#options;
    return uuidv7(clock.now(), clock.randomBytes(16));
  }
}
