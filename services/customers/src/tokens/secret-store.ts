import { type DynamoDBDocumentClient, GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import type { Write } from "@doubleshot/messaging";

/** The hashes of the customers' secrets, in a table of their own, so that reading a customer never returns a hash. */
export class SecretStore {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  /** The write that gives a new customer its secret, for the commit that opens the account. */
  write(customerId: string, hash: string): Write {
    return { Put: { TableName: this.#table, Item: { id: customerId, hash } } };
  }

  /** Replaces the secret: the old one stops working. */
  async replace(customerId: string, hash: string): Promise<void> {
    await this.#client.send(new PutCommand({ TableName: this.#table, Item: { id: customerId, hash } }));
  }

  /** Strongly consistent, because a secret may be used right after it was shown. */
  async hashOf(customerId: string): Promise<string | undefined> {
    const { Item } = await this.#client.send(
      new GetCommand({ TableName: this.#table, Key: { id: customerId }, ConsistentRead: true }),
    );
    return Item === undefined ? undefined : String(Item.hash);
  }
}
