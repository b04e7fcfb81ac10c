import { expect, test } from "vitest";
import type { Order } from "./order.ts";
import { orderJson, orderRequestJson, toOrderJson, toOrderRequest } from "./order-json.ts";

const requestOf = (body: unknown) => toOrderRequest(orderRequestJson.parse(body));
const americano = { sku: "americano", quantity: 1 };

test("an empty request is one americano", () => {
  expect(requestOf({})).toEqual({ items: [americano] });
});

test("all fields, unknown ones left out", () => {
  const items = [{ ...americano, milk: "oat" }];
  const body = { items, customer_id: "c-1", order_total: 4.2, name: "Ada", tip: 1 };
  expect(requestOf(body)).toEqual({ items: [americano], customerId: "c-1", orderTotal: 4.2, name: "Ada" });
});

test.each(["", "☕️ Ünïcødé 🧑‍🚀", "\u0000\u0007\u001b[31m\n", "😀".repeat(200)])("the name %j just works", (name) => {
  expect(requestOf({ name }).name).toBe(name);
});

test("half an emoji becomes the replacement character, which every table can hold", () => {
  expect(requestOf({ name: "a\ud83d" }).name).toBe("a\ufffd");
});

test.each([0, 0.1, 4.35, 19.99, 1e9])("the total %d is kept to the cent", (order_total) => {
  expect(requestOf({ order_total }).orderTotal).toBe(order_total);
});

test("a total that was added up is rounded to the cent", () => {
  expect(requestOf({ order_total: 0.1 + 0.2 }).orderTotal).toBe(0.3);
  expect(requestOf({ order_total: Array.from({ length: 10 }, () => 0.1).reduce((a, b) => a + b) }).orderTotal).toBe(1);
});

test.each([
  ["", []],
  ["", "coffee"],
  ["name", { name: 1 }],
  ["name", { name: "n".repeat(201) }],
  ["name", { name: null }],
  ["items", { items: [] }],
  ["items", { items: "americano" }],
  ["items", { items: new Array(51).fill(americano) }],
  ["items.0.sku", { items: [{ ...americano, sku: "" }] }],
  ["items.0.sku", { items: [{ ...americano, sku: "s".repeat(65) }] }],
  ["items.1.quantity", { items: [americano, { sku: "latte" }] }],
  ["items.0.quantity", { items: [{ ...americano, quantity: 0 }] }],
  ["items.0.quantity", { items: [{ ...americano, quantity: 101 }] }],
  ["items.0.quantity", { items: [{ ...americano, quantity: 1.5 }] }],
  ["customer_id", { customer_id: 7 }],
  ["order_total", { order_total: "4.20" }],
  ["order_total", { order_total: -1 }],
  ["order_total", { order_total: 1e300 }],
  ["order_total", { order_total: 1.005 }],
  ["order_total", { order_total: 1e-3 }],
  ["order_total", { order_total: 1e-130 }],
  ["order_total", { order_total: 1e-200 }],
  ["order_total", { order_total: 5e-324 }],
])("the fault is at %j", (path, body) => {
  const parsed = orderRequestJson.safeParse(body);
  expect(parsed.error?.issues.map((issue) => issue.path.join("."))).toEqual([path]);
});

test("the public order has no version and no instances", () => {
  const order: Order = {
    id: "0198c0de-0000-7000-8000-000000000001",
    version: 3,
    status: "COMPLETED",
    items: [americano],
    name: "Ada",
    customerId: "c-1",
    orderTotal: 4.2,
    replyTo: "instance-1",
    placedAt: "2026-01-31T08:30:00.000Z",
    startedAt: "2026-01-31T08:31:00.000Z",
    completedAt: "2026-01-31T08:32:00.000Z",
    result: null,
  };
  const json = toOrderJson(order);
  expect(orderJson.strict().parse(json)).toEqual(json);
  expect(json).toMatchInlineSnapshot(`
    {
      "completed_at": "2026-01-31T08:32:00.000Z",
      "customer_id": "c-1",
      "id": "0198c0de-0000-7000-8000-000000000001",
      "items": [
        {
          "quantity": 1,
          "sku": "americano",
        },
      ],
      "name": "Ada",
      "order_total": 4.2,
      "placed_at": "2026-01-31T08:30:00.000Z",
      "result": null,
      "started_at": "2026-01-31T08:31:00.000Z",
      "status": "COMPLETED",
    }
  `);
});
