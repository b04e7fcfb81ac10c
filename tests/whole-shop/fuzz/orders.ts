import fc from "fast-check";
import type { RawRequest } from "./exchange.ts";

/** Valid orders, under so few keys that some keys repeat, with the same order or with another. */
const ordersUnder = (key: fc.Arbitrary<string | undefined>): fc.Arbitrary<RawRequest> =>
  fc
    .record({
      key,
      target: fc.constantFrom("/order", "/order/", "/orders"),
      prefer: fc.constantFrom(undefined, undefined, "wait=0", "wait=1", "respond-async"),
      sku: fc.constantFrom("americano", "espresso"),
      quantity: fc.integer({ min: 1, max: 3 }),
    })
    .map(({ target, key: underKey, prefer, ...item }) => {
      const body = Buffer.from(JSON.stringify({ items: [item] }));
      const headers: [string, string][] = [["Content-Type", "application/json"]];
      if (underKey !== undefined) headers.push(["Idempotency-Key", underKey]);
      if (prefer !== undefined) headers.push(["Prefer", prefer]);
      return { method: "POST", target, headers, body, length: body.length };
    });

export const orders = ordersUnder(fc.constantFrom(undefined, undefined, "k-1", "k-2"));

/**
 * Orders of one address that no other request has. Few have a key, because a repeated key is no new order: so a batch is
 * over the limit of its address on a slow machine too.
 */
export const greedyOrders: fc.Arbitrary<RawRequest> = ordersUnder(
  fc.constantFrom(undefined, undefined, undefined, undefined, undefined, "k-1", "k-2"),
).map((order) => forwarded(order, "198.51.100.2"));

/** Adds the client's address as a proxy does, behind any address that the request itself claims. */
export function forwarded(request: RawRequest, address: string | null): RawRequest {
  if (address === null) return request;
  return { ...request, headers: [...request.headers, ["X-Forwarded-For", address]] };
}
