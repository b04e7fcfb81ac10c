import { randomUUID } from "node:crypto";
import { type OpenShop, openShop } from "@doubleshot/dev-shop";
import { afterAll, beforeAll, expect, test } from "vitest";
import { brewing, finish, order, orderJson, served, start, until } from "./people.fixture.ts";
import { rows } from "./table-rows.fixture.ts";

let shop: OpenShop;
beforeAll(async () => {
  shop = await openShop({ only: ["orders", "barista"] });
});
afterAll(() => shop?.close());

const ordersUrl = () => shop.services.orders[0]?.url ?? "";
const baristaUrl = () => shop.services.barista[0]?.url ?? "";
const count = async (table: string) => (await rows(shop, table)).length;

test("orders killed with 50 callers waiting: every order completes, and every caller who asks again gets their own", async () => {
  const before = { orders: await count("orders"), tickets: await count("barista") };
  const names = Array.from({ length: 50 }, (_, n) => `customer ${n}`);
  const callers = names.map((name) => served([ordersUrl()], name, randomUUID()));
  await expect.poll(() => count("barista"), until).toBe(before.tickets + 50);
  await shop.services.orders[0]?.kill();
  await shop.services.orders[0]?.up();
  const brewed = await brewing(baristaUrl(), 50);
  const answers = await Promise.all(callers);
  expect(answers.map(({ name }) => name)).toEqual(names);
  expect(answers.map(({ id }) => id).toSorted()).toEqual(brewed.toSorted());
  expect(answers.every(({ status }) => status === "COMPLETED")).toBe(true);
  expect(await count("orders")).toBe(before.orders + 50);
});

test("a caller who disconnects loses the connection, never the order", async () => {
  const gone = new AbortController();
  const caller = order(ordersUrl(), "Ada", { signal: gone.signal }).catch(() => "gone");
  const { order_id } = await start(baristaUrl());
  gone.abort();
  expect(await caller).toBe("gone");
  await finish(baristaUrl(), order_id);
  await expect.poll(async () => (await orderJson(ordersUrl(), order_id)).status, until).toBe("COMPLETED");
});

test("a barista who never finishes does not strand the order", async () => {
  const waiting = order(ordersUrl(), "Ada");
  const forgotten = await fetch(`${baristaUrl()}/claims?wait=60`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ claim_token: randomUUID(), lease_seconds: 1 }),
  });
  expect(forgotten.status).toBe(200);
  const { order_id, claim_token } = Object(await forgotten.json());
  const taken = await start(baristaUrl());
  expect(taken.order_id).toBe(order_id);
  expect(taken.claim_token).not.toBe(claim_token);
  await finish(baristaUrl(), taken.order_id);
  expect((await waiting).status).toBe(200);
});
