import { GetCommand } from "@aws-sdk/lib-dynamodb";
import { fakeAws } from "@doubleshot/service-host/testing";
import { expect, test } from "vitest";
import { delivery, openBar, placeOrder, StoppedClock } from "../bar-instance.fixture.ts";
import { useBarista } from "../barista-service.fixture.ts";

const service = useBarista(fakeAws);

const inboxRow = async (body: string) => {
  const key = { message: `barista#${JSON.parse(body).id}` };
  const { Item } = await service.shop.clients.documents.send(
    new GetCommand({ TableName: service.shop.table("barista-inbox"), Key: key }),
  );
  return Item;
};

test("a new order waits at the bar, and its message is in the inbox", async () => {
  const clock = new StoppedClock();
  const bar = openBar(service, { bar: "queued", clock });
  const { orderId, body } = await placeOrder(service, { clock, name: "Zoë ☕\u0000\n" });
  expect(await bar.subscriber.handle(delivery(body))).toMatchObject({ outcome: "committed", type: "OrderPlaced" });
  expect(await bar.store.get(orderId)).toMatchObject({ status: "QUEUED", name: "Zoë ☕\u0000\n", version: 1 });
  expect(await inboxRow(body)).toMatchObject({ type: "OrderPlaced", source: "/doubleshot/orders" });
});

test("one message delivered many times, at once and later, to two processes, makes one ticket", async () => {
  const clock = new StoppedClock();
  const bars = [openBar(service, { bar: "duplicates", clock }), openBar(service, { bar: "duplicates", clock })];
  const { orderId, body } = await placeOrder(service, { clock });
  const deliveries = [...bars, ...bars, ...bars].map((bar) => bar.subscriber.handle(delivery(body)));
  const outcomes = (await Promise.all(deliveries)).map(({ outcome }) => outcome);
  expect(outcomes.filter((outcome) => outcome === "committed")).toHaveLength(1);
  const claimed = await bars[0]?.claim();
  expect(claimed?.id).toBe(orderId);
  expect(await bars[1]?.subscriber.handle(delivery(body))).toMatchObject({ outcome: "duplicate" });
  expect(await bars[1]?.store.get(orderId)).toMatchObject({ status: "STARTED", version: 2 });
});

test("a second message about an order that has its ticket changes nothing, and is in the inbox", async () => {
  const clock = new StoppedClock();
  const bar = openBar(service, { bar: "second-message", clock });
  const { orderId, body } = await placeOrder(service, { clock });
  await bar.subscriber.handle(delivery(body));
  const other = JSON.stringify({ ...JSON.parse(body), id: crypto.randomUUID() });
  expect(await bar.subscriber.handle(delivery(other))).toMatchObject({ outcome: "ignored" });
  expect(await bar.store.get(orderId)).toMatchObject({ version: 1 });
  expect(await inboxRow(other)).toBeDefined();
});

test("two messages about one order that meet make one ticket", async () => {
  const clock = new StoppedClock();
  const bar = openBar(service, { bar: "two-messages", clock });
  const { orderId, body } = await placeOrder(service, { clock });
  const bodies = Array.from({ length: 5 }, () => JSON.stringify({ ...JSON.parse(body), id: crypto.randomUUID() }));
  const settled = await Promise.all(bodies.map((each) => bar.subscriber.handle(delivery(each))));
  expect(settled.map(({ outcome }) => outcome).toSorted()).toEqual(["committed", ...Array(4).fill("ignored")]);
  expect(await bar.store.get(orderId)).toMatchObject({ version: 1 });
});
