import { type DynamoDBDocumentClient, GetCommand } from "@aws-sdk/lib-dynamodb";
import type { Write } from "@doubleshot/messaging";

/** At least this long a repeated claim finds its order; longer when DynamoDB is late to remove the row. */
const keptSeconds = 24 * 60 * 60;

/** Which order was given for which claim token, so that a claim whose answer got lost can be asked for again. */
export class ClaimRequests {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  /** The order that the token has claimed, if it has. Consistent. */
  async orderOf(token: string): Promise<string | undefined> {
    const { Item } = await this.#client.send(
      new GetCommand({ TableName: this.#table, Key: { key: keyOf(token) }, ConsistentRead: true }),
    );
    return Item === undefined ? undefined : orderIn(Item);
  }

  /** The write that binds the token to the order, for `guarded`: of all requests with this token one commits. */
  bind(token: string, { orderId, now }: { orderId: string; now: Date }): Write {
    return {
      Put: {
        TableName: this.#table,
        Item: { key: keyOf(token), orderId, expiresAt: Math.floor(now.getTime() / 1000) + keptSeconds },
        ConditionExpression: "attribute_not_exists(#key)",
        ExpressionAttributeNames: { "#key": "key" },
      },
    };
  }
}

/** The order named by a row that was found in the way. */
export function orderIn(row: Readonly<Record<string, unknown>>): string {
  return String(row.orderId);
}

const keyOf = (token: string): string => `claim#${token}`;
