import { DeleteCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import { beforeEach, expect, test } from "vitest";
import { eventually, openTestShop, type TestShop, useTestAws } from "../test-shop.fixture.ts";
import { outboxesFor, planReplay } from "./plan-replay.ts";
import { replay } from "./replay.ts";

const aws = useTestAws();
let shop: TestShop;
beforeEach(async () => {
  shop = await openTestShop(aws);
});

const always = { from: 0, to: Date.now() + 1_000_000 };

async function park(aggregate: string, version: number, upTo = version): Promise<void> {
  for (const Item of [
    { aggregate, version: 0, upTo },
    { aggregate, version, events: [] },
  ]) {
    await shop.documents.send(new PutCommand({ TableName: shop.table("orders-parked"), Item }));
  }
}

test("planning reads and sends nothing", async () => {
  await shop.commit("order#1", 1, "a", "b");
  await shop.commit("order#2", 1, "c");
  const plan = await planReplay(shop.shop, always);
  expect(plan.outboxes).toMatchObject([
    { outbox: shop.table("orders-outbox"), rows: 2, aggregates: 2, behindParked: 0 },
    { outbox: shop.table("barista-outbox"), rows: 0 },
    { outbox: shop.table("customers-outbox"), rows: 0 },
  ]);
  expect(plan.readUnits).toBeGreaterThan(0);
  expect(await shop.depth(shop.bar.queue)).toBe(0);
});

test("only rows committed within the given time", async () => {
  await shop.commit("order#1", 1, "a");
  const [row] = await shop.rows("orders-outbox");
  const at = Date.parse(String(row?.committedAt));
  const rowsFound = async (from: number, to: number) => (await planReplay(shop.shop, { from, to })).rows.length;
  expect(await rowsFound(at, at + 1)).toBe(1);
  expect(await rowsFound(at + 1, at + 1_000)).toBe(0);
  expect(await rowsFound(at - 1_000, at)).toBe(0);
});

test("each aggregate's events arrive in order, and again within five minutes", async () => {
  for (const version of [1, 2, 3, 4]) {
    for (const aggregate of ["order#1", "order#2"])
      await shop.commit(aggregate, version, `${aggregate} v${version}a`, `${aggregate} v${version}b`);
  }
  await using bar = await shop.openBar();
  const plan = await planReplay(shop.shop, always);
  expect(await replay(shop.shop, { ...plan, rows: plan.rows.toReversed() })).toEqual({
    events: 16,
    expired: 0,
    unreadable: 0,
  });
  await expect.poll(() => bar.texts().length, eventually).toBe(16);
  for (const aggregate of ["order#1", "order#2"]) {
    const texts = bar.texts().filter((text) => text.startsWith(aggregate));
    expect(texts).toEqual(texts.toSorted());
  }
  await bar.close();
  await replay(shop.shop, plan);
  expect(await shop.depth(shop.bar.queue)).toBe(16);
});

test("to one queue only, and from the outboxes whose events it gets", async () => {
  await shop.commit("order#1", 1, "a");
  expect(outboxesFor(shop.shop, { queue: "barista-subscriber.fifo" }).map(({ name }) => name)).toEqual([
    "orders-outbox",
  ]);
  const queue = "barista-subscriber.fifo";
  const plan = await planReplay(shop.shop, { ...always, queue });
  expect(await replay(shop.shop, plan, { queue })).toEqual({ events: 1, expired: 0, unreadable: 0 });
  await using bar = await shop.openBar();
  await expect.poll(() => bar.texts(), eventually).toEqual(["a"]);
});

test("one aggregate, by a query", async () => {
  await shop.commit("order#1", 1, "a");
  await shop.commit("order#2", 1, "b");
  const plan = await planReplay(shop.shop, { ...always, aggregate: "order#2" });
  expect(plan.rows.map(({ aggregate }) => aggregate)).toEqual(["order#2"]);
});

test("parked rows, and those behind them, are left to parked retry", async () => {
  for (const version of [1, 2, 3]) await shop.commit("order#1", version, `v${version}`);
  await park("order#1", 2, 3);
  const plan = await planReplay(shop.shop, always);
  expect(plan.rows.map(({ version }) => version)).toEqual([1]);
  expect(plan.outboxes[0]).toMatchObject({ rows: 1, behindParked: 2 });
});

test("a row written by hand, which has no events, is counted apart from one that is gone", async () => {
  const Item = { aggregate: "order#1", version: 1, events: "OrderPlaced", committedAt: new Date().toISOString() };
  await shop.documents.send(new PutCommand({ TableName: shop.table("orders-outbox"), Item }));
  const plan = await planReplay(shop.shop, always);
  expect(await replay(shop.shop, plan)).toEqual({ events: 0, expired: 0, unreadable: 1 });
});

test("a row that has expired between planning and sending is counted", async () => {
  await shop.commit("order#1", 1, "a");
  const plan = await planReplay(shop.shop, always);
  await shop.documents.send(
    new DeleteCommand({ TableName: shop.table("orders-outbox"), Key: { aggregate: "order#1", version: 1 } }),
  );
  expect(await replay(shop.shop, plan)).toEqual({ events: 0, expired: 1, unreadable: 0 });
});

test("stops when its signal aborts", async () => {
  for (const version of [1, 2, 3]) await shop.commit("order#1", version, `v${version}`);
  const stop = new AbortController();
  const sending = replay(shop.shop, await planReplay(shop.shop, always), {
    signal: stop.signal,
    onSent: () => stop.abort(),
  });
  await expect(sending).rejects.toThrow();
  expect(await shop.depth(shop.bar.queue)).toBe(1);
});
