import { createHash } from "node:crypto";
import { type DynamoDBDocumentClient, GetCommand } from "@aws-sdk/lib-dynamodb";
import type { Write } from "@doubleshot/messaging";
import type { OrderRequest } from "../order/order.ts";

/** A caller's word that all requests under this key are one and the same. */
export interface IdempotencyKey {
  /** Whose key it is: the same key from another caller is another key. */
  readonly caller: string;
  readonly key: string;
}

/** At least this long a repeated request finds its order; longer when DynamoDB is late to remove the row. */
const keptSeconds = 24 * 60 * 60;

/**
 * An `Idempotency-Key` header: up to 255 visible ASCII characters, in the double quotes that the IETF draft asks for or
 * without any. The document of the API shows it as it stands here.
 * @see https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
 */
export const keyHeaderPattern = /^(?:"[\x21-\x7e]{1,255}"|[\x21\x23-\x7e][\x21-\x7e]{0,254})$/;

/** The key in a header of this pattern: without the quotes, so that both ways to write it are one key. */
export const keyOf = (header: string): string => (header.startsWith('"') ? header.slice(1, -1) : header);

/**
 * The write that binds the key to the order, for `guarded`: of all requests that race for a key, one commits, and the
 * others find its row. It looks at no expiry: a row that is still there still counts.
 */
export function bindKey(
  table: string,
  key: IdempotencyKey,
  bound: { orderId: string; request: OrderRequest; now: number },
): Write {
  return {
    Put: {
      TableName: table,
      Item: {
        key: rowKey(key),
        orderId: bound.orderId,
        hash: hashOf(bound.request),
        expiresAt: Math.floor(bound.now / 1000) + keptSeconds,
      },
      ConditionExpression: "attribute_not_exists(#key)",
      ExpressionAttributeNames: { "#key": "key" },
    },
  };
}

/** The row of a key that has been used, as of now (strongly consistent). Undefined: the key is new. */
export async function findKey(
  client: DynamoDBDocumentClient,
  table: string,
  key: IdempotencyKey,
): Promise<Record<string, unknown> | undefined> {
  const { Item } = await client.send(
    new GetCommand({ TableName: table, Key: { key: rowKey(key) }, ConsistentRead: true }),
  );
  return Item;
}

/** What a row that was found in the way says: which order it is bound to, and whether the request is the same. */
export function readBinding(
  row: Readonly<Record<string, unknown>>,
  request: OrderRequest,
): { orderId: string; same: boolean } {
  return { orderId: String(row.orderId), same: row.hash === hashOf(request) };
}

/** Addresses hold no "#", so caller and key cannot be confused. */
const rowKey = ({ caller, key }: IdempotencyKey): string => `address:${caller}#${key}`;

/** Over what is ordered, not over the bytes that said it: a client may serialise its retry in another way. */
function hashOf({ items, name, customerId, orderTotal }: OrderRequest): string {
  const said = [items.map(({ sku, quantity }) => [sku, quantity]), name, customerId, orderTotal];
  return createHash("sha256").update(JSON.stringify(said)).digest("base64url");
}
