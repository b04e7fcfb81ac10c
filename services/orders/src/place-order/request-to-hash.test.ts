import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { isSameRequest, RequestKeys } from "@doubleshot/aggregates";
import { requestKeyOf } from "@doubleshot/service-kit";
import { expect, test } from "vitest";
import type { OrderRequest } from "../order/order.ts";
import { requestToHash } from "./request-to-hash.ts";

const request: OrderRequest = { items: [{ sku: "americano", quantity: 1 }], name: "Ada" };
const keys = new RequestKeys({} as DynamoDBDocumentClient, "orders-requests");
const now = new Date("2026-01-31T00:00:00.000Z");

function rowOf(said: OrderRequest): Record<string, unknown> {
  const key = requestKeyOf({ scope: "address:127.0.0.1", key: "k-1" });
  return keys.bind(key, { result: { orderId: "order-1" }, request: requestToHash(said), now }).Put?.Item ?? {};
}

test("the row of a key stays as it is stored", () => {
  expect(rowOf(request)).toEqual({
    key: "address:127.0.0.1#k-1",
    orderId: "order-1",
    hash: "ft6wmwLyvMxIxNEng-lfLvC1ffeIzdWmtbALslU1IOw",
    expiresAt: 1769904000,
  });
});

test("the same request is recognised, whatever the order of its fields", () => {
  const again: OrderRequest = { name: "Ada", items: [{ quantity: 1, sku: "americano" }] };
  expect(isSameRequest(rowOf(request), requestToHash(again))).toBe(true);
});

test.each<OrderRequest>([
  { ...request, name: "Bob" },
  { items: request.items },
  { ...request, customerId: "Ada" },
  { ...request, total: 1 },
  { ...request, items: [{ sku: "americano", quantity: 2 }] },
  { ...request, items: [...request.items, ...request.items] },
])("is another request: %j", (other) => {
  expect(isSameRequest(rowOf(request), requestToHash(other))).toBe(false);
});

test("an absent field is not confused with its neighbour", () => {
  const other = requestToHash({ items: [], customerId: "x" });
  expect(isSameRequest(rowOf({ items: [], name: "x" }), other)).toBe(false);
});
