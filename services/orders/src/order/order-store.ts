import { type DynamoDBDocumentClient, GetCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import type { Save } from "@doubleshot/messaging";
import { batchGet } from "@doubleshot/topology";
import type { Order } from "./order.ts";

/** An order's place among all others: `place` sorts as text in the order in which orders were placed. */
export interface Listed {
  readonly id: string;
  readonly place: string;
}

/** Where orders are kept. It reads, and says how an order is to be written; it never commits. */
export abstract class OrderStore {
  /** The order as of now (strongly consistent). */
  abstract get(id: string): Promise<Order | undefined>;
  /** Those of the orders that exist, in no particular order, each once and as of now (strongly consistent). */
  abstract getMany(ids: readonly string[]): Promise<Order[]>;
  /**
   * Orders of one day (`2026-01-31`, UTC), newest first, beginning with the first that is older than `before`; by place
   * and id alone, and as of a moment ago (eventually consistent).
   */
  abstract listed(day: string, page: { before: string; limit: number }): Promise<Listed[]>;
  /** Ids of the address's open orders, at most `limit`, as of a moment ago (eventually consistent). */
  abstract openFor(address: string, limit: number): Promise<string[]>;
  /** The write that makes this order out of the version it was loaded with. */
  abstract save(order: Order): Save;
}

/** The aggregate's name: its outbox partition, its events' subject and their message group. */
export const aggregateOf = ({ id }: Pick<Order, "id">): string => `order#${id}`;

/**
 * The day's orders are spread over so many index partitions, each good for 1,000 writes a second, and a page is read
 * from all of them.
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html
 */
const shards = 4;

export const placeOf = ({ placedAt, id }: Pick<Order, "placedAt" | "id">): string => `${placedAt}#${id}`;

/**
 * The attributes of the two indexes. `day` and `place` never change, so that later updates of an order cost the listing
 * nothing; `openFor` goes when the order is final, and with it the order's entry among the open ones.
 */
const indexed = (order: Order) => ({
  day: `${order.placedAt.slice(0, 10)}#${Number.parseInt(order.id.slice(-1), 16) % shards}`,
  place: placeOf(order),
});

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

  override save(order: Order): Save {
    const { id, version, result, ...rest } = order;
    // As text, because a native map would lose what DynamoDB cannot hold: 1e300, an empty set of keys, 33 levels.
    const handedOver = result === undefined ? {} : { result: JSON.stringify(result) };
    return { table: this.#table, key: { id }, item: { ...rest, ...handedOver, ...indexed(order) }, expected: version };
  }
}

function fromRow({ result, day: _day, place: _place, ...row }: Record<string, unknown>): Order {
  const handedOver = typeof result === "string" ? { result: JSON.parse(result) } : {};
  // Rows are written by `save` alone; the snapshot in the tests holds their shape.
  return { ...row, ...handedOver } as Order;
}
