import type { OrderRequest } from "../order/order.ts";

/** The caller promises that all requests under this key are the same request. */
export interface IdempotencyKey {
  /** The same key from another caller is another key. */
  readonly caller: string;
  readonly key: string;
}

/**
 * An `Idempotency-Key` header: up to 255 visible ASCII characters, in the double quotes that the IETF draft asks for or
 * without any. The API's document shows this pattern.
 * @see https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
 */
export const keyHeaderPattern = /^(?:"[\x21-\x7e]{1,255}"|[\x21\x23-\x7e][\x21-\x7e]{0,254})$/;

/** The key in a header of this pattern: without the quotes, so that both ways to write it are one key. */
export const keyOf = (header: string): string => (header.startsWith('"') ? header.slice(1, -1) : header);

/** The key in the table of requests. Addresses hold no "#", so caller and key cannot be confused. */
export const requestKeyOf = ({ caller, key }: IdempotencyKey): string => `address:${caller}#${key}`;

/** The request as its hash is made: a client may serialise a repeated request in another way. */
export function hashedRequest({ items, name, customerId, orderTotal }: OrderRequest): unknown {
  return [items.map(({ sku, quantity }) => [sku, quantity]), name, customerId, orderTotal];
}
