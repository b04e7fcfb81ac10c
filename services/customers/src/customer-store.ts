import { type DynamoDBDocumentClient, GetCommand, ScanCommand } from "@aws-sdk/lib-dynamodb";
import type { Save, Write } from "@doubleshot/messaging";
import type { Amendment, Customer } from "./customer.ts";
import { type Posting, postings } from "./posting.ts";

/** Reads customers, and describes how they are written. It never commits. */
export class CustomerStore {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  /** Strongly consistent. */
  async get(id: string): Promise<Customer | undefined> {
    const { Item } = await this.#client.send(
      new GetCommand({ TableName: this.#table, Key: { id }, ConsistentRead: true }),
    );
    return Item as Customer | undefined;
  }

  /** At most `limit` customers after the given id, in table order, which no attribute defines. */
  async list({ after, limit }: { after?: string; limit: number }): Promise<{ customers: Customer[]; last?: string }> {
    const { Items = [], LastEvaluatedKey } = await this.#client.send(
      new ScanCommand({
        TableName: this.#table,
        Limit: limit,
        ConsistentRead: true,
        ...(after !== undefined && { ExclusiveStartKey: { id: after } }),
      }),
    );
    const last = LastEvaluatedKey && { last: String(LastEvaluatedKey.id) };
    return { customers: Items as Customer[], ...last };
  }

  /** Saves a new customer. */
  save({ id, version, ...attributes }: Customer): Save {
    return { table: this.#table, key: { id }, item: attributes, expected: version };
  }

  /** Sets name and limit over the version that was loaded. Leaves alone what postings change meanwhile. */
  amend({ id, version }: Customer, { name, limit, added, at }: Amendment): Write {
    return {
      Update: {
        TableName: this.#table,
        Key: { id },
        UpdateExpression:
          "SET #name = :name, #limit = :limit, #available = #available + :added, #updatedAt = :at, #version = :next",
        ConditionExpression: "#version = :version",
        ExpressionAttributeNames: {
          "#name": "name",
          "#limit": "limit",
          "#available": "available",
          "#updatedAt": "updatedAt",
          "#version": "version",
        },
        ExpressionAttributeValues: {
          ":name": name,
          ":limit": limit,
          ":added": added,
          ":at": at,
          ":next": version + 1,
          ":version": version,
        },
      },
    };
  }

  /** Moves the amount from one part of the balance to another, if that part has so much. */
  post({ kind, customerId, amount }: Posting): Write {
    const { from, to } = postings[kind];
    return {
      Update: {
        TableName: this.#table,
        Key: { id: customerId },
        UpdateExpression: "SET #from = #from - :amount, #to = #to + :amount",
        ConditionExpression: "#from >= :amount",
        ExpressionAttributeNames: { "#from": from, "#to": to },
        ExpressionAttributeValues: { ":amount": amount },
      },
    };
  }
}
