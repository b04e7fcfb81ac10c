import { uuidv7 } from "@doubleshot/messaging";
import { until, useLocalAws } from "@doubleshot/service-host/testing";
import { expect, test } from "vitest";
import { json, useCounters } from "./counter.fixture.ts";

const all = useCounters(useLocalAws());

test("a placed order is cancelling until the bar has voided its ticket", async () => {
  const counter = await all.open();
  const id = await counter.place();
  const asked = await counter.post(`/orders/${id}/cancel`);
  expect(asked.status).toBe(202);
  expect(asked.headers.get("location")).toBe(`/orders/${id}`);
  expect(await json(asked)).toMatchObject({ id, status: "CANCELLING" });
  expect((await counter.post(`/order/${id}/cancel`)).status).toBe(202);
  await all.bar.voids(id);
  await counter.untilIs(id, "CANCELLED");
  const again = await counter.post(`/orders/${id}/cancel`);
  expect(again.status).toBe(200);
  expect(await json(again)).toMatchObject({ status: "CANCELLED", cancelled_at: expect.any(String) });
  const news = (await all.rows("orders-outbox")).flatMap(({ events }) => events as { type: string }[]);
  expect(news.map(({ type }) => type).sort()).toEqual(["OrderCancelled", "OrderPlaced"]);
});

test("a barista that started first wins over the cancellation", async () => {
  const counter = await all.open();
  const id = await counter.place();
  await counter.post(`/orders/${id}/cancel`);
  await all.bar.starts(id);
  await all.bar.refusesToCancel(id);
  await counter.untilIs(id, "BREWING");
  const again = await counter.post(`/orders/${id}/cancel`);
  expect(again.status).toBe(409);
  expect(await json(again)).toMatchObject({ order_status: "BREWING" });
  await all.bar.finishes(id);
  await counter.untilIs(id, "COMPLETED");
});

test.each<[string, NodeJS.ProcessEnv]>([
  ["here", {}],
  ["on an instance that gets no messages", { CONSUME: "off", SWEEP: "off" }],
])("a caller that prefers to wait gets the verdict, %s", async (_, env) => {
  const counter = await all.open(env);
  if (env.CONSUME) await all.open();
  const [voided, brewed] = [await counter.place(), await counter.place()];
  const answers = [voided, brewed].map((id) => counter.post(`/orders/${id}/cancel`, { prefer: "wait=60" }));
  for (const id of [voided, brewed]) await counter.untilIs(id, "CANCELLING");
  await all.bar.voids(voided);
  await all.bar.starts(brewed);
  await all.bar.refusesToCancel(brewed);
  const [cancelled, refused] = await Promise.all(answers);
  expect(cancelled?.status).toBe(200);
  expect(cancelled?.headers.get("preference-applied")).toBe("wait=60");
  expect(refused?.status).toBe(409);
});

test("waiting for the verdict costs no write", async () => {
  const counter = await all.open();
  const id = await counter.place();
  const answer = counter.post(`/orders/${id}/cancel`, { prefer: "wait=60" });
  const waiting = async () => (await (await fetch(`${counter.url}/metrics`)).text()).includes("orders_waiting 1\n");
  await until(waiting);
  await all.bar.voids(id);
  expect((await answer).status).toBe(200);
  // Placed, cancelling, cancelled.
  expect(await all.rows("orders")).toMatchObject([{ id, version: 3 }]);
});

test("a caller that waits for an order gets a 409 when the order is cancelled", async () => {
  const counter = await all.open();
  const answer = counter.post("/order/", { "idempotency-key": "k-1" });
  const id = await until(async () => (await all.orderIds())[0]);
  await counter.post(`/order/${id}/cancel`);
  await all.bar.voids(id);
  expect((await answer).status).toBe(409);
  const again = await counter.post("/order/", { "idempotency-key": "k-1" });
  expect(again.status).toBe(409);
  expect(again.headers.get("location")).toBe(`/orders/${id}`);
});

test("an order that nobody placed cannot be cancelled", async () => {
  const counter = await all.open();
  for (const id of [uuidv7(), "latte"]) expect((await counter.post(`/orders/${id}/cancel`)).status).toBe(404);
});
