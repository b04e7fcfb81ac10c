import fc from "fast-check";
import type { RawRequest } from "./exchange.ts";

/** Orders as people place them; under so few keys that some come again, with the same order or with another. */
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

/** Of one address, which is not among those of the others. */
export const greedyOrders: fc.Arbitrary<RawRequest> = orders.map((order) => forwarded(order, "198.51.100.2"));

/** As a proxy in front says whom it speaks for: behind what they claim themselves. */
export function forwarded(request: RawRequest, address: string | null): RawRequest {
  if (address === null) return request;
  return { ...request, headers: [...request.headers, ["X-Forwarded-For", address]] };
}
