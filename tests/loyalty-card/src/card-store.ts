import { type DynamoDBDocumentClient, GetCommand } from "@aws-sdk/lib-dynamodb";
import type { Save, Write } from "@doubleshot/messaging";
import { type Card, cardId, type Visit } from "./card.ts";

/** Reads cards and visits, and describes how they are saved. It never commits. */
export class CardStore {
  readonly #client: DynamoDBDocumentClient;
  readonly #tables: { readonly cards: string; readonly visits: string };

  constructor(client: DynamoDBDocumentClient, tables: { readonly cards: string; readonly visits: string }) {
    this.#client = client;
    this.#tables = tables;
  }

  async visit(orderId: string): Promise<Visit> {
    const row = await this.#read(this.#tables.visits, orderId);
    return (row as Visit | undefined) ?? { id: orderId, version: 0, status: "WAITING" };
  }

  saveVisit({ id, version, ...facts }: Visit): Save {
    return { table: this.#tables.visits, key: { id }, item: facts, expected: version };
  }

  /** The customer's card. Undefined before the first coffee. */
  async card(name: string): Promise<Card | undefined> {
    const row = await this.#read(this.#tables.cards, cardId(name));
    return row && { name, coffees: Number(row.coffees) };
  }

  /** Fails if another coffee was counted on the card since it was read. */
  writeCard({ name, coffees }: Card): Write {
    return {
      Put: {
        TableName: this.#tables.cards,
        Item: { id: cardId(name), name, coffees },
        ConditionExpression: coffees === 1 ? "attribute_not_exists(#coffees)" : "#coffees = :before",
        ExpressionAttributeNames: { "#coffees": "coffees" },
        ...(coffees > 1 && { ExpressionAttributeValues: { ":before": coffees - 1 } }),
      },
    };
  }

  async #read(table: string, id: string): Promise<Record<string, unknown> | undefined> {
    const { Item } = await this.#client.send(new GetCommand({ TableName: table, Key: { id }, ConsistentRead: true }));
    return Item;
  }
}
