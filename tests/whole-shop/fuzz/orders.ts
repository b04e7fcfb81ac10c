import fc from "fast-check";
import type { RawRequest } from "./exchange.ts";

/** Valid orders, under so few keys that some keys repeat, with the same order or with another. */
export const orders: fc.Arbitrary<RawRequest> = fc
  .record({
    target: fc.constantFrom("/order", "/order/", "/orders"),
    key: fc.constantFrom(undefined, undefined, "k-1", "k-2"),
    prefer: fc.constantFrom(undefined, undefined, "wait=0", "wait=1", "respond-async"),
    sku: fc.constantFrom("americano", "espresso"),
    quantity: fc.integer({ min: 1, max: 3 }),
  })
  .map(({ target, key, prefer, ...item }) => {
    const body = Buffer.from(JSON.stringify({ items: [item] }));
    const headers: [string, string][] = [["Content-Type", "application/json"]];
    if (key !== undefined) headers.push(["Idempotency-Key", key]);
    if (prefer !== undefined) headers.push(["Prefer", prefer]);
    return { method: "POST", target, headers, body, length: body.length };
  });

/** Orders of one address that no other request has. */
export const greedyOrders: fc.Arbitrary<RawRequest> = orders.map((order) => forwarded(order, "198.51.100.2"));

/** Adds the client's address as a proxy does, behind any address that the request itself claims. */
export function forwarded(request: RawRequest, address: string | null): RawRequest {
  if (address === null) return request;
  return { ...request, headers: [...request.headers, ["X-Forwarded-For", address]] };
}
