import { fakeAws, until } from "@doubleshot/service-host/testing";
import { describe, expect, test } from "vitest";
import { type Counter, json, useCounters } from "./counter.fixture.ts";

const all = useCounters(fakeAws);

/** A counter, and an order on account that waits for its credit. */
async function pending() {
  const counter = await all.open();
  const id = await counter.place({ customer_id: all.accounts.customerId, order_total: 100 });
  return { counter, id };
}

/** Types of the events that orders have published, in their order. */
async function published(): Promise<string[]> {
  const rows = (await all.rows("orders-outbox")).toSorted((a, b) => Number(a.version) - Number(b.version));
  return rows.flatMap(({ events }) => events as { type: string }[]).map(({ type }) => type);
}

const rejection = (reason: string) => ({ status: 409, order: { status: "REJECTED", rejection_reason: reason } });

test("an order on account is PENDING at once, and PLACED when its credit is reserved", async () => {
  const { counter, id } = await pending();
  const created = await json(counter.get(`/orders/${id}`));
  expect(created).toMatchObject({
    status: "PENDING",
    customer_id: all.accounts.customerId,
    order_total: 100,
    created_at: expect.any(String),
  });
  expect(created).not.toHaveProperty("placed_at");
  await all.accounts.reserves(id);
  await counter.untilIs(id, "PLACED");
  expect(await json(counter.get(`/order/${id}`))).toMatchObject({ placed_at: expect.any(String) });
  expect(await published()).toEqual(["OrderCreated", "OrderPlaced"]);
  await all.bar.finishes(id);
  await counter.untilIs(id, "COMPLETED");
  expect(await published()).toEqual(["OrderCreated", "OrderPlaced", "OrderCompleted"]);
});

test.each(["INSUFFICIENT_CREDIT", "CUSTOMER_NOT_FOUND"] as const)(
  "without credit it is REJECTED: %s",
  async (reason) => {
    const { counter, id } = await pending();
    await all.accounts.refuses(id, reason);
    await counter.untilIs(id, "REJECTED");
    const order = await json(counter.get(`/orders/${id}`));
    expect(order).toMatchObject({ rejection_reason: reason, rejected_at: expect.any(String) });
    expect(await published()).toEqual(["OrderCreated"]);
    expect((await json(counter.get("/orders?status=REJECTED"))).orders).toEqual([order]);
  },
);

/** Waits for an order on account in this way. */
const ways: [string, (counter: Counter) => Promise<Response>][] = [
  ["at the counter", (counter) => counter.post("/order/", {}, account())],
  ["with Prefer: wait", (counter) => counter.post("/orders", { prefer: "wait=60" }, account())],
];
const account = () => ({ customer_id: all.accounts.customerId, order_total: 100 });

describe.each(ways)("a caller that waits %s", (_, order) => {
  async function waiting() {
    const counter = await all.open();
    const answer = order(counter);
    const id = await until(async () => (await all.orderIds())[0]);
    return { counter, answer, id };
  }

  test("gets 200 when the order is done", async () => {
    const { answer, id } = await waiting();
    await all.accounts.reserves(id);
    await all.bar.finishes(id);
    const response = await answer;
    expect([response.status, (await json(response)).status]).toEqual([200, "COMPLETED"]);
  });

  test.each(["INSUFFICIENT_CREDIT", "CUSTOMER_NOT_FOUND"] as const)(
    "gets a conflict with the order when it is rejected: %s",
    async (reason) => {
      const { answer, id } = await waiting();
      await all.accounts.refuses(id, reason);
      expect(await json(answer)).toMatchObject({ ...rejection(reason), order_id: id, order_status: "REJECTED" });
    },
  );

  test("gets a conflict with the order when it is cancelled", async () => {
    const { counter, answer, id } = await waiting();
    expect((await counter.post(`/orders/${id}/cancel`)).status).toBe(202);
    await all.accounts.reserves(id);
    expect(await json(answer)).toMatchObject({ status: 409, order: { id, status: "CANCELLED" } });
  });
});

describe("cancelling while credit is asked for", () => {
  test("is remembered, carried out when credit is reserved, and gives it back", async () => {
    const { counter, id } = await pending();
    for (let times = 0; times < 2; times++) {
      const asked = await counter.post(`/order/${id}/cancel`);
      expect([asked.status, asked.headers.get("location")]).toEqual([202, `/orders/${id}`]);
      expect(await json(asked)).toMatchObject({ status: "PENDING", cancel_requested_at: expect.any(String) });
    }
    await all.accounts.reserves(id);
    await counter.untilIs(id, "CANCELLED");
    expect((await counter.post(`/order/${id}/cancel`)).status).toBe(200);
    expect(await published()).toEqual(["OrderCreated", "CancelConfirmed"]);
  });

  test("is carried out when credit is refused, and there is nothing to give back", async () => {
    const { counter, id } = await pending();
    const answer = counter.post(`/orders/${id}/cancel`, { prefer: "wait=60" });
    await until(async () => "cancelAskedAt" in ((await all.rows("orders"))[0] ?? {}));
    await all.accounts.refuses(id);
    const response = await answer;
    expect([response.status, (await json(response)).status]).toEqual([200, "CANCELLED"]);
    expect(await published()).toEqual(["OrderCreated"]);
  });

  test("comes too late for a rejected order, which the conflict shows", async () => {
    const { counter, id } = await pending();
    await all.accounts.refuses(id);
    await counter.untilIs(id, "REJECTED");
    const response = await counter.post(`/orders/${id}/cancel`);
    expect(await json(response)).toMatchObject({ ...rejection("INSUFFICIENT_CREDIT"), order_status: "REJECTED" });
  });
});

test("the menu has the prices that orders on account pay", async () => {
  const counter = await all.open();
  const { items } = await json(counter.get("/menu"));
  expect(items).toContainEqual({ sku: "latte", name: "Latte", price: 420 });
  const order = { customer_id: all.accounts.customerId, items: [{ sku: "latte", quantity: 2 }] };
  expect(await json(counter.post("/orders", {}, order))).toMatchObject({ order_total: 840 });
});

test.each<[string, object]>([
  ["#/order_total", { order_total: 0 }],
  ["#/order_total", { order_total: -100 }],
  ["#/order_total", { order_total: 0.5 }],
  ["#/order_total", { order_total: "100" }],
  ["#/order_total", { order_total: 2 ** 53 }],
  ["#/order_total", { order_total: 839, items: [{ sku: "latte", quantity: 2 }] }],
  ["#/items/0/sku", { items: [{ sku: "unicorn", quantity: 1 }] }],
  ["#/customer_id", { customer_id: "jane" }],
  ["#/customer_id", { customer_id: 7 }],
])("an order on account is refused at %s: %j", async (pointer, body) => {
  const counter = await all.open();
  const response = await counter.post("/orders", {}, { customer_id: all.accounts.customerId, ...body });
  expect(response.status).toBe(400);
  expect((await json(response)).errors).toEqual([{ pointer, detail: expect.stringMatching(/^it must be /) }]);
  expect(await all.orderIds()).toEqual([]);
});
