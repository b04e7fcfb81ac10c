import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { createAwsClients } from "@doubleshot/topology";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { shopOf } from "../shop.ts";
import { openTestShop, type TestShop, useTestAws } from "../test-shop.fixture.ts";
import { endpoints, instances } from "./processes.ts";
import { status } from "./status.ts";

const aws = useTestAws();
let shop: TestShop;
beforeEach(async () => {
  shop = await openTestShop(aws);
});

const put = (table: Parameters<TestShop["table"]>[0], Item: Record<string, unknown>) =>
  shop.documents.send(new PutCommand({ TableName: shop.table(table), Item }));

/** The orders' outbox, an hour after what the test has committed. */
async function inAnHour() {
  const { outboxes, queues } = await status(shop.shop, { now: Date.now() + 3_600_000 });
  return { outbox: outboxes[0], queue: queues.find(({ subscriber }) => subscriber === "barista") };
}

test("a shop where all is handled has no lag", async () => {
  await shop.handled(...(await shop.commit("order#1", 1, "a")));
  const { outbox, queue } = await inAnHour();
  expect(outbox).toMatchObject({
    rows: 1,
    sampled: 1,
    underWay: 0,
    lagMs: 0,
    parked: { aggregates: 0, rows: 0 },
    failedBatches: 0,
  });
  expect(outbox).not.toHaveProperty("lagging");
  expect(outbox?.relayedMs).toBeGreaterThanOrEqual(0);
  expect(queue).toMatchObject({ waiting: 0, dead: 0, oldestMs: 0 });
});

test("the queue of a service that subscribes to two others is there once", async () => {
  const { queues } = await status(shop.shop);
  const names = queues.map(({ subscriber }) => subscriber);
  expect(names.toSorted()).toEqual(["barista", "customers", "orders"]);
});

test("an empty shop has no lag either", async () => {
  expect((await inAnHour()).outbox).toMatchObject({ rows: 0, lagMs: 0 });
});

test("an event that is in no queue lags at the relay, one that is there at the subscriber", async () => {
  const [event] = await shop.commit("order#1", 1, "a");
  const before = await inAnHour();
  expect(before.outbox).toMatchObject({ underWay: 1, lagging: "relay" });
  expect(before.outbox?.lagMs).toBeGreaterThan(3_590_000);
  await shop.send(shop.bar.queue, "order#1", event?.json ?? "");
  const after = await inAnHour();
  expect(after.outbox).toMatchObject({ underWay: 1, lagging: "subscriber" });
  expect(after.queue).toMatchObject({ waiting: 1 });
  expect(after.queue?.oldestMs).toBeGreaterThan(3_590_000);
});

test("an event that two subscribers wait for is one event", async () => {
  const both = [shop.bar, { ...shop.bar, name: "loyalty" }];
  const outboxes = shop.shop.outboxes.map((outbox) => ({ ...outbox, subscribers: both }));
  await shop.commit("order#1", 1, "a");
  expect((await status({ ...shop.shop, outboxes })).outboxes[0]).toMatchObject({ underWay: 1, lagging: "relay" });
});

test("parked and dead events are counted, and are no lag", async () => {
  await shop.commit("order#parked", 1, "a");
  await put("orders-parked", { aggregate: "order#parked", version: 0, upTo: 1, since: "2026-01-31T08:30:00.000Z" });
  await put("orders-parked", { aggregate: "order#parked", version: 1, events: [], reason: {} });
  const [event] = await shop.commit("order#dead", 1, "a");
  await put("barista-inbox", { message: "barista#blocked#order#dead", upTo: "1" });
  await shop.send(shop.bar.deadLetters ?? "", "order#dead", event?.json ?? "");
  const { outbox, queue } = await inAnHour();
  expect(outbox).toMatchObject({ underWay: 0, lagMs: 0, parked: { aggregates: 1, rows: 1 } });
  expect(queue).toMatchObject({ dead: 1 });
});

test("of a large outbox it reads a sample from all over the table", async () => {
  for (let index = 0; index < 200; index++) await shop.commit(`order#${index}`, 1, "a");
  const { outboxes } = await status(shop.shop, { sample: 32 });
  expect(outboxes[0]?.rows).toBe(200);
  expect(outboxes[0]?.sampled).toBeLessThan(200);
  expect(outboxes[0]?.sampled).toBeGreaterThan(0);
});

test("it reads no more of an outbox that has grown tenfold since DynamoDB counted its rows", async () => {
  const stale = createAwsClients({ endpoints: aws.endpoints });
  onTestFinished(() => stale.destroy());
  stale.dynamodb.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        const result = await next(args);
        if (commandName === "DescribeTableCommand") Object.assign(result.output, { Table: { ItemCount: 10 } });
        return result;
      },
    { step: "initialize" },
  );
  for (let index = 0; index < 100; index++) await shop.commit(`order#${index}`, 1, "a");
  const { outboxes } = await status(shopOf(shop.shop.topology, shop.shop.name, stale), { sample: 16 });
  expect(outboxes[0]?.sampled).toBe(16);
});

test("a process is alive until its lease ends, with the age of its heartbeat", async () => {
  const now = Date.now();
  const startedAt = "2026-01-31T08:30:00.000Z";
  const seenAt = (seconds: number) => new Date(now - seconds * 1_000).toISOString();
  await put("orders-instances", { id: "here", startedAt, seenAt: seenAt(50), expiresAt: now / 1000 + 10 });
  await put("orders-instances", { id: "gone", startedAt, seenAt: seenAt(70), expiresAt: now / 1000 - 10 });
  // As the version before wrote it.
  await put("orders-instances", { id: "older", startedAt, expiresAt: now / 1000 + 10 });
  const found = await instances(shop.shop, now);
  expect(found).toEqual(
    expect.arrayContaining([
      { service: "orders", id: "here", alive: true, detail: `since ${startedAt}, last seen 50 s ago` },
      { service: "orders", id: "gone", alive: false, detail: `since ${startedAt}, last seen 1 m 10 s ago` },
      { service: "orders", id: "older", alive: true, detail: `since ${startedAt}` },
    ]),
  );
});

describe("an endpoint", () => {
  async function serving(status: number): Promise<string> {
    const server = createServer((_request, response) => response.writeHead(status).end()).listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  test("is ready, not ready, or gives no answer", async () => {
    const [orders, barista, nobody] = [await serving(200), await serving(503), "http://127.0.0.1:1"];
    expect(await endpoints({ orders, barista, nobody })).toEqual([
      { service: "orders", url: orders, ready: true, detail: "ready" },
      { service: "barista", url: barista, ready: false, detail: "not ready (503)" },
      { service: "nobody", url: nobody, ready: false, detail: "no answer" },
    ]);
  });
});
