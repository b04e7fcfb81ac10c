import type { OrderRequest } from "../order/order.ts";

/** The request as its hash is made: a client may serialise a repeated request in another way. */
export function requestToHash({ items, name, customerId, total }: OrderRequest): unknown {
  return [items.map(({ sku, quantity }) => [sku, quantity]), name, customerId, total];
}
