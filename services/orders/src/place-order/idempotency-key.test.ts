import { expect, test } from "vitest";
import type { OrderRequest } from "../order/order.ts";
import { bindKey, keyHeaderPattern, keyOf, readBinding } from "./idempotency-key.ts";

const longest = "k".repeat(255);

test.each([
  ["plain", "plain"],
  ['"quoted"', "quoted"],
  [" spaced around ".trim(), undefined],
  [longest, longest],
  [`"${longest}"`, longest],
  [`${longest}k`, undefined],
  [`"${longest}k"`, undefined],
  ['"half quoted', undefined],
  ['"', undefined],
  ['in"side', 'in"side'],
  ["", undefined],
  ['""', undefined],
  ["two, keys", undefined],
  ["Ærøskøbing", undefined],
  ["tab\tbed", undefined],
])("the header %j holds the key %j", (header, key) => {
  expect(keyHeaderPattern.test(header) ? keyOf(header) : undefined).toBe(key);
});

const request: OrderRequest = { items: [{ sku: "americano", quantity: 1 }], name: "Ada" };
const key = { caller: "127.0.0.1", key: "k-1" };
const now = Date.UTC(2026, 0, 31);

function row(said: OrderRequest): Record<string, unknown> {
  return bindKey("orders-requests", key, { orderId: "order-1", request: said, now }).Put?.Item ?? {};
}

test("a key is bound for a day, and only if nobody has bound it", () => {
  expect(bindKey("orders-requests", key, { orderId: "order-1", request, now }).Put).toMatchInlineSnapshot(`
    {
      "ConditionExpression": "attribute_not_exists(#key)",
      "ExpressionAttributeNames": {
        "#key": "key",
      },
      "Item": {
        "expiresAt": 1769904000,
        "hash": "ft6wmwLyvMxIxNEng-lfLvC1ffeIzdWmtbALslU1IOw",
        "key": "address:127.0.0.1#k-1",
        "orderId": "order-1",
      },
      "TableName": "orders-requests",
    }
  `);
});

test("the same request is recognised, whatever order its fields came in", () => {
  const again: OrderRequest = { name: "Ada", items: [{ quantity: 1, sku: "americano" }] };
  expect(readBinding(row(request), again)).toEqual({ orderId: "order-1", same: true });
});

test.each<OrderRequest>([
  { ...request, name: "Bob" },
  { items: request.items },
  { ...request, customerId: "Ada" },
  { ...request, orderTotal: 1 },
  { ...request, items: [{ sku: "americano", quantity: 2 }] },
  { ...request, items: [...request.items, ...request.items] },
])("another request is told apart: %j", (other) => {
  expect(readBinding(row(request), other).same).toBe(false);
});

test("what is absent is not confused with what is next to it", () => {
  expect(readBinding(row({ items: [], name: "x" }), { items: [], customerId: "x" }).same).toBe(false);
});
