import { createHash } from "node:crypto";
import { type DynamoDBDocumentClient, GetCommand } from "@aws-sdk/lib-dynamodb";
import type { Write } from "@doubleshot/messaging";

/** A repeated request finds its result for at least so long; longer when DynamoDB is late to remove the row. */
const secondsKept = 24 * 60 * 60;

export interface BoundRequest {
  /** The attributes that a repeated request needs to find its result, such as an id. */
  readonly result: Readonly<Record<string, string>>;
  /** JSON that tells this request from another one under the same key. Left out when all are alike. */
  readonly request?: unknown;
  readonly now: Date;
}

/** A row as it was found, for `isSameRequest`: the attributes of the result among others. */
export type RequestRow = Readonly<Record<string, unknown>>;

/**
 * Remembers which request a caller's key was used for, so that a repeated request returns the first one's result.
 *
 * The key is bound in the same transaction as the effect. Of all requests that race for a key one commits, and the others
 * find its row. A row counts for as long as it exists: no condition reads its expiry.
 */
export class RequestKeys {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  /** The row of a key that has been used. Strongly consistent. */
  async find(key: string): Promise<RequestRow | undefined> {
    const { Item } = await this.#client.send(
      new GetCommand({ TableName: this.#table, Key: { key }, ConsistentRead: true }),
    );
    return Item;
  }

  /**
   * The write that binds the key. Pass it as a `guarded` write of the commit: if the key is taken, the refusal contains the
   * existing row.
   */
  bind(key: string, { result, request, now }: BoundRequest): Write {
    const hash = request === undefined ? {} : { hash: hashOf(request) };
    const expiresAt = Math.floor(now.getTime() / 1_000) + secondsKept;
    return {
      Put: {
        TableName: this.#table,
        Item: { key, ...result, ...hash, expiresAt },
        ConditionExpression: "attribute_not_exists(#key)",
        ExpressionAttributeNames: { "#key": "key" },
      },
    };
  }
}

/** Whether the row was bound by an equal request (same hash). */
export function isSameRequest(row: RequestRow, request: unknown): boolean {
  return row.hash === hashOf(request);
}

const hashOf = (request: unknown): string => createHash("sha256").update(JSON.stringify(request)).digest("base64url");
