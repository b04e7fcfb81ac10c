import { randomUUID } from "node:crypto";
import { type OpenShop, openShop } from "@doubleshot/dev-shop";
import { afterEach, expect, test } from "vitest";
import { rows, undelivered } from "./books.fixture.ts";
import { folder } from "./folder.fixture.ts";
import { brewing, finish, order, orderJson, served, start, until } from "./people.fixture.ts";

let shop: OpenShop;
afterEach(() => shop?.close());

const ordersUrl = () => shop.services.orders[0]?.url ?? "";
const baristaUrl = () => shop.services.barista[0]?.url ?? "";

test("orders killed with 50 callers waiting: every order completes, and every caller who asks again gets their own", async () => {
  shop = await openShop();
  const names = Array.from({ length: 50 }, (_, n) => `customer ${n}`);
  const callers = names.map((name) => served([ordersUrl()], name, randomUUID()));
  await expect.poll(async () => (await rows(shop.aws.clients, "barista")).length, until).toBe(50);
  await shop.services.orders[0]?.kill();
  await shop.services.orders[0]?.up();
  const brewed = await brewing(baristaUrl(), 50);
  const answers = await Promise.all(callers);
  expect(answers.map(({ name }) => name)).toEqual(names);
  expect(answers.map(({ id }) => id).toSorted()).toEqual(brewed.toSorted());
  expect(answers.every(({ status }) => status === "COMPLETED")).toBe(true);
  expect(await rows(shop.aws.clients, "orders")).toHaveLength(50);
});

test("an order acknowledged just before the embedded AWS dies, with its stream unread, still gets to the bar", async () => {
  shop = await openShop({ data: await folder() });
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

test("a caller who disconnects loses the connection, never the order", async () => {
  shop = await openShop();
  const gone = new AbortController();
  const caller = order(ordersUrl(), "Ada", { signal: gone.signal }).catch(() => "gone");
  const { order_id } = await start(baristaUrl());
  gone.abort();
  expect(await caller).toBe("gone");
  await finish(baristaUrl(), order_id);
  await expect.poll(async () => (await orderJson(ordersUrl(), order_id)).status, until).toBe("COMPLETED");
});

test("a barista who never finishes does not strand the order", async () => {
  shop = await openShop({ services: { barista: { env: { LEASE_SECONDS: "1" } } } });
  const waiting = order(ordersUrl(), "Ada");
  const forgotten = await start(baristaUrl());
  const taken = await start(baristaUrl());
  expect(taken.order_id).toBe(forgotten.order_id);
  expect(taken.claim_token).not.toBe(forgotten.claim_token);
  await finish(baristaUrl(), taken.order_id);
  expect((await waiting).status).toBe(200);
});

test("closing answers those who wait with where their order is, and the order goes on when the shop opens again", async () => {
  const data = await folder();
  shop = await openShop({ data });
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
