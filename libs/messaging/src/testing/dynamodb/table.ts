import type { AttributeValue, TableDescription } from "@aws-sdk/client-dynamodb";
import { compare, equalItems, type Item } from "./attribute-values.ts";
import { validation } from "./exceptions.ts";

export interface FakeKey {
  readonly partition: FakeKeyAttribute;
  readonly sort?: FakeKeyAttribute;
}

export interface FakeKeyAttribute {
  readonly name: string;
  readonly type: "S" | "N" | "B";
}

export interface FakeTableSpec {
  readonly key: FakeKey;
  readonly indexes?: Readonly<Record<string, FakeKey & { readonly projection?: "ALL" | "KEYS_ONLY" }>>;
  readonly stream?: "NEW_IMAGE";
  /** The attribute with the expiry, in epoch seconds. */
  readonly ttl?: string;
}

/** One item put, changed or removed. */
export interface ItemChange {
  readonly table: string;
  readonly key: Item;
  readonly before: Item | undefined;
  readonly after: Item | undefined;
  readonly cause: "write" | "expiry";
}

export class Table {
  readonly name: string;
  readonly spec: FakeTableSpec;
  readonly #items = new Map<string, Item>();
  /** No item expires before. It makes most checks cheap. */
  #firstExpiry = Number.POSITIVE_INFINITY;
  readonly #onChange: (change: ItemChange) => void;

  constructor(name: string, spec: FakeTableSpec, onChange: (change: ItemChange) => void) {
    this.name = name;
    this.spec = spec;
    this.#onChange = onChange;
  }

  /** The table as `DescribeTable` shows it. */
  description(): TableDescription {
    const { key, stream } = this.spec;
    const [partition, sort] = [key.partition.name, key.sort?.name];
    return {
      TableName: this.name,
      TableStatus: "ACTIVE",
      KeySchema: [
        { AttributeName: partition, KeyType: "HASH" },
        ...(sort === undefined ? [] : [{ AttributeName: sort, KeyType: "RANGE" as const }]),
      ],
      ...(stream && { StreamSpecification: { StreamEnabled: true, StreamViewType: stream } }),
    };
  }

  /** Returns the item's key. @throws ValidationException when a part of it is missing, empty or of another type. */
  keyOf(item: Item, exactly = false): Item {
    const key: Item = {};
    for (const { name, type } of keyAttributes(this.spec.key)) {
      const value = item[name];
      if (value === undefined || !(type in value) || Object.values(value)[0] === "") {
        throw validation(
          `One or more parameter values were invalid: Type mismatch or missing key ${name} for ${this.name}`,
        );
      }
      key[name] = value;
    }
    if (exactly && Object.keys(item).length !== Object.keys(key).length) {
      throw validation("The provided key element does not match the schema");
    }
    return key;
  }

  get(key: Item): Item | undefined {
    return this.#items.get(identity(key));
  }

  /** Puts the item, or removes it if it is undefined. An identical put is no change, and not streamed. */
  write(key: Item, after: Item | undefined, cause: ItemChange["cause"] = "write"): void {
    const before = this.get(key);
    if (after === undefined) this.#items.delete(identity(key));
    else this.#put(key, after);
    if (!equalItems(before, after)) this.#onChange({ table: this.name, key, before, after, cause });
  }

  #put(key: Item, item: Item): void {
    this.#items.set(identity(key), item);
    this.#firstExpiry = Math.min(this.#firstExpiry, expiryOf(item, this.spec.ttl));
  }

  /** All items, or those of an index, in the order of their keys. */
  sorted(index?: string): Item[] {
    const key = index === undefined ? this.spec.key : this.spec.indexes?.[index];
    if (key === undefined) throw validation(`The table does not have the specified index: ${index}`);
    const names = keyAttributes(key).map(({ name }) => name);
    const present = [...this.#items.values()].filter((item) => names.every((name) => item[name] !== undefined));
    return present.sort((a, b) => byAttributes(names, a, b) || byAttributes(Object.keys(this.keyOf(a)), a, b));
  }

  /** Removes expired items, as DynamoDB does some time later. Returns their number. */
  removeExpired(now: number): number {
    const { ttl } = this.spec;
    if (ttl === undefined) return 0;
    if (this.#firstExpiry >= now) return 0;
    const items = [...this.#items.values()];
    const expired = items.filter((item) => expiryOf(item, ttl) < now);
    for (const item of expired) this.write(this.keyOf(item), undefined, "expiry");
    this.#firstExpiry = Math.min(...items.map((item) => expiryOf(item, ttl)).filter((expiry) => expiry >= now));
    return expired.length;
  }
}

/** Milliseconds since the epoch. */
function expiryOf(item: Item, ttl: string | undefined): number {
  const seconds = ttl === undefined ? undefined : item[ttl]?.N;
  return seconds === undefined ? Number.POSITIVE_INFINITY : Number(seconds) * 1000;
}

/** A key as text, which identifies an item. */
export function identity(key: Item): string {
  const [first, second] = Object.values(key);
  if (second === undefined && first?.S !== undefined) return first.S;
  return JSON.stringify([first, second]);
}

function keyAttributes({ partition, sort }: FakeKey): FakeKeyAttribute[] {
  return sort === undefined ? [partition] : [partition, sort];
}

function byAttributes(names: readonly string[], a: Item, b: Item): number {
  for (const name of names) {
    const sign = compare(a[name] as AttributeValue, b[name] as AttributeValue);
    if (sign !== undefined && sign !== 0) return sign;
  }
  return 0;
}
