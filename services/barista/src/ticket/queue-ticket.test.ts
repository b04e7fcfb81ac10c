import { GetCommand } from "@aws-sdk/lib-dynamodb";
import { type LocalAws, startLocalAws } from "@doubleshot/local-aws";
import { doubleshot, physicalName } from "@doubleshot/topology";
import { afterAll, beforeAll, expect, test } from "vitest";
import { delivery, openBar, placeOrder, StoppedClock, shop } from "../bar.fixture.ts";

let aws: LocalAws;
beforeAll(async () => {
  aws = await startLocalAws();
});
afterAll(() => aws?.close());

const inboxRow = async (body: string) => {
  const key = { message: `barista#${JSON.parse(body).id}` };
  const { Item } = await aws.clients.documents.send(
    new GetCommand({ TableName: physicalName(shop, "barista-inbox"), Key: key }),
  );
  return Item;
};

test("an order that was placed waits at the bar, and its message is on record", async () => {
  const clock = new StoppedClock();
  const bar = openBar(aws, { bar: "queued", clock });
  const { orderId, body } = await placeOrder(aws, { clock, name: "Zoë ☕\u0000\n" });
  expect(await bar.subscriber.handle(delivery(body))).toMatchObject({ outcome: "committed", type: "OrderPlaced" });
  expect(await bar.store.get(orderId)).toMatchObject({ status: "QUEUED", name: "Zoë ☕\u0000\n", version: 1 });
  expect(await inboxRow(body)).toMatchObject({ type: "OrderPlaced", source: "/doubleshot/orders" });
});

test("one message delivered many times, at once and later, to two processes, makes one ticket", async () => {
  const clock = new StoppedClock();
  const bars = [openBar(aws, { bar: "duplicates", clock }), openBar(aws, { bar: "duplicates", clock })];
  const { orderId, body } = await placeOrder(aws, { clock });
  const deliveries = [...bars, ...bars, ...bars].map((bar) => bar.subscriber.handle(delivery(body)));
  const outcomes = (await Promise.all(deliveries)).map(({ outcome }) => outcome);
  expect(outcomes.filter((outcome) => outcome === "committed")).toHaveLength(1);
  const claimed = await bars[0]?.claim();
  expect(claimed?.id).toBe(orderId);
  expect(await bars[1]?.subscriber.handle(delivery(body))).toMatchObject({ outcome: "duplicate" });
  expect(await bars[1]?.store.get(orderId)).toMatchObject({ status: "STARTED", version: 2 });
});

test("a second message about an order that has its ticket changes nothing, and is on record", async () => {
  const clock = new StoppedClock();
  const bar = openBar(aws, { bar: "second-message", clock });
  const { orderId, body } = await placeOrder(aws, { clock });
  await bar.subscriber.handle(delivery(body));
  const other = JSON.stringify({ ...JSON.parse(body), id: crypto.randomUUID() });
  expect(await bar.subscriber.handle(delivery(other))).toMatchObject({ outcome: "ignored" });
  expect(await bar.store.get(orderId)).toMatchObject({ version: 1 });
  expect(await inboxRow(other)).toBeDefined();
});

test("two messages about one order that meet make one ticket", async () => {
  const clock = new StoppedClock();
  const bar = openBar(aws, { bar: "two-messages", clock });
  const { orderId, body } = await placeOrder(aws, { clock });
  const bodies = Array.from({ length: 5 }, () => JSON.stringify({ ...JSON.parse(body), id: crypto.randomUUID() }));
  const settled = await Promise.all(bodies.map((each) => bar.subscriber.handle(delivery(each))));
  expect(settled.map(({ outcome }) => outcome).toSorted()).toEqual(["committed", ...Array(4).fill("ignored")]);
  expect(await bar.store.get(orderId)).toMatchObject({ version: 1 });
});

test("the subscriber handles what the topology says its queue brings", () => {
  const { subscriber } = openBar(aws, { bar: "topology", clock: new StoppedClock() });
  const subscription = doubleshot.subscriptions.find(({ queue }) => queue === "barista-subscriber.fifo");
  expect(subscriber.types.toSorted()).toEqual([...(subscription?.handles ?? [])].toSorted());
});
