import { type DynamoDBDocumentClient, QueryCommand } from "@aws-sdk/lib-dynamodb";
import type { Save, Write } from "@doubleshot/messaging";
import type { Posting } from "./posting.ts";

/** An entry as it was read, with its place among the others of its customer. */
export interface Entry extends Posting {
  readonly place: string;
}

/** Every change of every account. Entries are added in the commits of the changes, and never changed. */
export class Ledger {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  write(posting: Posting): Write {
    const { key, item } = this.save(posting);
    return { Put: { TableName: this.#table, Item: { ...key, ...item } } };
  }

  /** The same, as the item of an aggregate of its own: a repeated commit recognises it. */
  save({ customerId, ...posting }: Posting): Save {
    const key = { customer: customerId, entry: placeOf(posting) };
    return { table: this.#table, key, item: posting, expected: 0 };
  }

  /** At most `limit` entries of the customer that are older than the place, the newest first. Strongly consistent. */
  async entries(customerId: string, { before = "~", limit }: { before?: string; limit: number }): Promise<Entry[]> {
    const { Items = [] } = await this.#client.send(
      new QueryCommand({
        TableName: this.#table,
        KeyConditionExpression: "#customer = :customer AND #entry < :before",
        ExpressionAttributeNames: { "#customer": "customer", "#entry": "entry" },
        ExpressionAttributeValues: { ":customer": customerId, ":before": before },
        ScanIndexForward: false,
        Limit: limit,
        ConsistentRead: true,
      }),
    );
    return Items.map(({ customer, entry, version: _, ...posting }) => ({
      ...(posting as Omit<Posting, "customerId">),
      customerId: String(customer),
      place: String(entry),
    }));
  }
}

/** Sorts as text by time. An order has at most one entry of each kind. */
const placeOf = ({ at, kind, orderId, paymentId }: Omit<Posting, "customerId">): string =>
  `${at}#${orderId ?? paymentId}#${kind}`;
