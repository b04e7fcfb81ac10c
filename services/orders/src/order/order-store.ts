import { type DynamoDBDocumentClient, GetCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import type { Save } from "@doubleshot/messaging";
import { batchGet } from "@doubleshot/topology";
import { type Order, orderedAt } from "./order.ts";

/** An order's position in the list: `place` sorts as text by the time at which the customer ordered. */
export interface Listed {
  readonly id: string;
  readonly place: string;
}

/** Reads orders, and describes how to save them. It never commits. */
export abstract class OrderStore {
  /** Strongly consistent. */
  abstract get(id: string): Promise<Order | undefined>;
  /** Those of the orders that exist, each once, in no particular order. Strongly consistent. */
  abstract getMany(ids: readonly string[]): Promise<Order[]>;
  /**
   * Place and id of the orders of one day (`2026-01-31`, UTC) that are older than `before`, the newest first. Eventually
   * consistent.
   */
  abstract listed(day: string, page: { before: string; limit: number }): Promise<Listed[]>;
  /** Ids of at most `limit` open orders of the address. Eventually consistent. */
  abstract openFor(address: string, limit: number): Promise<string[]>;
  /** Orders that are PENDING since before that instant: how many, up to some thousands, and the oldest. Eventually consistent. */
  abstract pendingSince(instant: string): Promise<{ count: number; oldest?: Listed }>;
  /** The write that saves the order over the version it was loaded with. */
  abstract save(order: Order): Save;
}

/**
 * The index spreads the orders of a day over so many partitions, because one takes 1,000 writes a second. A page is read from
 * all of them.
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html
 */
const shards = 4;

export const placeOf = (order: Pick<Order, "createdAt" | "placedAt" | "id">): string =>
  `${orderedAt(order)}#${order.id}`;

/**
 * The attributes of the indexes. Those of `listing` never change, so later saves of an order cost that index nothing. The
 * index `open` has an entry for as long as the order has `openFor`, the index `pending` for as long as it is PENDING.
 */
function indexed(order: Order) {
  const shard = Number.parseInt(order.id.slice(-1), 16) % shards;
  return {
    day: `${orderedAt(order).slice(0, 10)}#${shard}`,
    place: placeOf(order),
    ...(order.status === "PENDING" && { pending: `pending#${shard}` }),
  };
}

export class DynamoOrderStore extends OrderStore {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor({ client, table }: { client: DynamoDBDocumentClient; table: string }) {
    super();
    this.#client = client;
    this.#table = table;
  }

  override async get(id: string): Promise<Order | undefined> {
    const { Item } = await this.#client.send(
      new GetCommand({ TableName: this.#table, Key: { id }, ConsistentRead: true }),
    );
    return Item && fromRow(Item);
  }

  override async getMany(ids: readonly string[]): Promise<Order[]> {
    // BatchGetItem refuses a call that names a key twice.
    const keys = [...new Set(ids)].map((id) => ({ id }));
    const rows = await batchGet({ documents: this.#client, table: this.#table, keys, consistent: true });
    return rows.map(fromRow);
  }

  override async listed(day: string, { before, limit }: { before: string; limit: number }): Promise<Listed[]> {
    const pages = Array.from({ length: shards }, (_, shard) =>
      this.#client.send(
        new QueryCommand({
          TableName: this.#table,
          IndexName: "listing",
          KeyConditionExpression: "#day = :day AND #place < :before",
          ExpressionAttributeNames: { "#day": "day", "#place": "place" },
          ExpressionAttributeValues: { ":day": `${day}#${shard}`, ":before": before },
          ScanIndexForward: false,
          Limit: limit,
        }),
      ),
    );
    const found = (await Promise.all(pages)).flatMap(({ Items = [] }) => Items);
    return found
      .map(({ id, place }) => ({ id: String(id), place: String(place) }))
      .sort((one, other) => (one.place < other.place ? 1 : -1))
      .slice(0, limit);
  }

  override async openFor(address: string, limit: number): Promise<string[]> {
    const { Items = [] } = await this.#client.send(
      new QueryCommand({
        TableName: this.#table,
        IndexName: "open",
        KeyConditionExpression: "#openFor = :address",
        ExpressionAttributeNames: { "#openFor": "openFor" },
        ExpressionAttributeValues: { ":address": address },
        Limit: limit,
      }),
    );
    return Items.map(({ id }) => String(id));
  }

  override async pendingSince(instant: string): Promise<{ count: number; oldest?: Listed }> {
    const shardsRead = Array.from({ length: shards }, (_, shard) =>
      this.#client.send(
        new QueryCommand({
          TableName: this.#table,
          IndexName: "pending",
          KeyConditionExpression: "#pending = :shard AND #place < :before",
          ExpressionAttributeNames: { "#pending": "pending", "#place": "place" },
          ExpressionAttributeValues: { ":shard": `pending#${shard}`, ":before": instant },
        }),
      ),
    );
    const found = (await Promise.all(shardsRead)).flatMap(({ Items = [] }) => Items);
    const places = found.map(({ id, place }) => ({ id: String(id), place: String(place) }));
    const [oldest] = places.toSorted((one, other) => (one.place < other.place ? -1 : 1));
    return { count: places.length, ...(oldest && { oldest }) };
  }

  override save(order: Order): Save {
    const { id, version, result, ...rest } = order;
    // As text, because a native map cannot hold all JSON: 1e300, an empty attribute name, 33 levels.
    const withResult = result === undefined ? {} : { result: JSON.stringify(result) };
    return { table: this.#table, key: { id }, item: { ...rest, ...withResult, ...indexed(order) }, expected: version };
  }
}

function fromRow({
  result,
  orderTotal,
  day: _day,
  place: _place,
  pending: _pending,
  ...row
}: Record<string, unknown>): Order {
  const withResult = typeof result === "string" ? { result: JSON.parse(result) } : {};
  // Rows from before there were accounts have the total in major units, to two decimals.
  const withTotal = typeof orderTotal === "number" ? { total: Math.round(orderTotal * 100) } : {};
  // Only `save` writes rows; a snapshot in the tests holds their shape.
  return { ...withTotal, ...row, ...withResult } as Order;
}
