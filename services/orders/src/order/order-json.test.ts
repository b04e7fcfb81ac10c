import { describe, expect, test } from "vitest";
import type { Order } from "./order.ts";
import { orderJson, orderRequestJson, toOrderJson, toOrderRequest } from "./order-json.ts";

const requestOf = (body: unknown) => toOrderRequest(orderRequestJson.parse(body));
const americano = { sku: "americano", quantity: 1 };

test("an empty request is one americano", () => {
  expect(requestOf({})).toEqual({ items: [americano] });
});

const customer_id = "0198c0de-0000-7000-8000-000000000002";

test("all fields, unknown ones left out", () => {
  const items = [{ ...americano, milk: "oat" }];
  const body = { items, customer_id: customer_id.toUpperCase(), order_total: 300, name: "Ada", tip: 1 };
  expect(requestOf(body)).toEqual({ items: [americano], customerId: customer_id, total: 300, name: "Ada" });
});

test.each(["", "☕️ Ünïcødé 🧑‍🚀", "\u0000\u0007\u001b[31m\n", "😀".repeat(200)])("the name %j just works", (name) => {
  expect(requestOf({ name }).name).toBe(name);
});

describe("the total", () => {
  const latte = { sku: "latte", quantity: 2 };
  const special = { sku: "chef's special", quantity: 1 };

  test.each([1, 100, Number.MAX_SAFE_INTEGER])("%d without items stands as it is", (order_total) => {
    expect(requestOf({ customer_id, order_total }).total).toBe(order_total);
  });

  test("of an order on account is the price on the menu, if it is left out", () => {
    expect(requestOf({ customer_id, items: [latte, americano] }).total).toBe(1_140);
    expect(requestOf({ customer_id }).total).toBe(300);
  });

  test("of a guest is left out, if it is not given", () => {
    expect(requestOf({ items: [latte] })).not.toHaveProperty("total");
  });

  test("must be the price of the items, and may be any where one of a guest's has no price", () => {
    expect(requestOf({ items: [latte], order_total: 840 }).total).toBe(840);
    expect(requestOf({ items: [latte, special], order_total: 7 }).total).toBe(7);
    for (const account of [{}, { customer_id }]) {
      const { error } = orderRequestJson.safeParse({ ...account, items: [latte], order_total: 839 });
      const message = "it must be 840, the price of the items on the menu, or left out";
      expect(error?.issues).toMatchObject([{ path: ["order_total"], message }]);
    }
  });

  test("of an order on account needs a price for each item", () => {
    const { error } = orderRequestJson.safeParse({ customer_id, items: [latte, special], order_total: 840 });
    expect(error?.issues).toMatchObject([{ path: ["items", 1, "sku"] }]);
  });
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
  ["customer_id", { customer_id: "c-1" }],
  ["order_total", { order_total: 0 }],
  ["order_total", { order_total: 4.2 }],
  ["order_total", { order_total: 2 ** 53 }],
  ["order_total", { order_total: "4.20" }],
  ["order_total", { order_total: -1 }],
  ["order_total", { order_total: 1e300 }],
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
    customerId: customer_id,
    total: 420,
    createdAt: "2026-01-31T08:29:00.000Z",
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
      "created_at": "2026-01-31T08:29:00.000Z",
      "customer_id": "0198c0de-0000-7000-8000-000000000002",
      "id": "0198c0de-0000-7000-8000-000000000001",
      "items": [
        {
          "quantity": 1,
          "sku": "americano",
        },
      ],
      "name": "Ada",
      "order_total": 420,
      "placed_at": "2026-01-31T08:30:00.000Z",
      "result": null,
      "started_at": "2026-01-31T08:31:00.000Z",
      "status": "COMPLETED",
    }
  `);
});
