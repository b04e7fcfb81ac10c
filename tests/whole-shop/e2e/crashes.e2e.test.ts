import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type OpenShop, openShop } from "@doubleshot/dev-shop";
import { afterAll, beforeAll, expect, test } from "vitest";
import { brewing, finish, order, orderJson, served, start, until } from "./people.fixture.ts";
import { rows, undelivered } from "./table-rows.fixture.ts";

let data: string;
let shop: OpenShop;
beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), "doubleshot-"));
  shop = await openShop({ data });
});
afterAll(async () => {
  await shop?.close();
  await rm(data, { recursive: true, force: true });
});

const ordersUrl = () => shop.services.orders[0]?.url ?? "";
const baristaUrl = () => shop.services.barista[0]?.url ?? "";
const count = async (table: string) => (await rows(shop.aws.clients, table)).length;

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

test("an order acknowledged just before the embedded AWS dies, with its stream unread, still gets to the bar", async () => {
  // Suspended, the host can read no stream; DynamoDB is a process of its own and goes on.
  shop.aws.suspend();
  const response = await fetch(`${ordersUrl()}/orders`, { method: "POST" });
  expect(response.status).toBe(201);
  const { id } = (await response.json()) as { id: string };
  await shop.aws.kill();
  await shop.aws.up();
  expect(await brewing(baristaUrl(), 1)).toEqual([id]);
  await expect.poll(async () => (await orderJson(ordersUrl(), id)).status, until).toBe("COMPLETED");
  expect(await undelivered(shop.aws.clients, "orders", "barista")).toEqual([]);
  await expect.poll(() => undelivered(shop.aws.clients, "barista", "orders"), until).toEqual([]);
});

test("a close answers waiting callers with the address of their order, which completes when the shop opens again", async () => {
  const waiting = order(ordersUrl(), "Ada");
  const { order_id } = await start(baristaUrl());
  await shop.close();
  const answer = await waiting;
  expect(answer.status).toBe(503);
  expect(answer.headers.get("retry-after")).toMatch(/^\d+$/);
  expect(answer.headers.get("location")).toBe(`/orders/${order_id}`);
  expect(answer.headers.get("content-type")).toContain("application/problem+json");
  shop = await openShop({ data });
  await finish(baristaUrl(), order_id);
  await expect.poll(async () => (await orderJson(ordersUrl(), order_id)).status, until).toBe("COMPLETED");
});
