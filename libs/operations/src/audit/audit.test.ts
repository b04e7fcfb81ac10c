import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { defineEvent } from "@doubleshot/messaging";
import { beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { openTestShop, type TestShop, useTestAws } from "../test-shop.fixture.ts";
import { audit } from "./audit.ts";

const aws = useTestAws();
let shop: TestShop;
beforeEach(async () => {
  shop = await openTestShop(aws);
});

const later = () => Date.now() + 1_000;

test("an event is delivered when every subscriber has a record of it", async () => {
  await shop.handled(...(await shop.commit("order#1", 1, "a", "b")), ...(await shop.commit("order#2", 1, "c")));
  const report = await audit(shop.shop, { committedBefore: later() });
  expect(report.undelivered).toEqual([]);
  expect(report.outboxes[0]).toEqual({ outbox: shop.table("orders-outbox"), rows: 2, events: 3 });
  expect(report.readUnits).toBeGreaterThan(0);
});

test("an event that its subscriber has no record of is named, the oldest first", async () => {
  const [first] = await shop.commit("order#1", 1, "a");
  const [handled, second] = await shop.commit("order#1", 2, "b", "c");
  await shop.handled(...(handled ? [handled] : []));
  const { undelivered } = await audit(shop.shop, { committedBefore: later() });
  expect(undelivered).toMatchObject([
    { aggregate: "order#1", version: 1, id: first?.id, type: "OrderPlaced", subscriber: "barista", held: "neither" },
    { aggregate: "order#1", version: 2, id: second?.id },
  ]);
});

test("an inbox row of another source's event with the same id is no record of this one", async () => {
  const [theirs] = await shop.commit("order#1", 1, "a");
  const [both] = await shop.commit("order#2", 1, "b");
  const record = { type: "OrderPlaced", attempts: 1 };
  const put = (id: string | undefined, row: object) => {
    const Item = { message: `barista#${id}`, ...record, source: "/elsewhere", ...row };
    return shop.documents.send(new PutCommand({ TableName: shop.table("barista-inbox"), Item }));
  };
  await put(theirs?.id, {});
  await put(both?.id, { "from /doubleshot/orders": record });
  const { undelivered } = await audit(shop.shop, { committedBefore: later() });
  expect(undelivered).toMatchObject([{ aggregate: "order#1", id: theirs?.id }]);
});

test("an event of a type that no subscriber handles is not missing", async () => {
  const Admired = defineEvent("OrderAdmired", { version: 1, schema: z.object({}) });
  await shop.commitEvents("order#1", 1, [Admired({})]);
  expect((await audit(shop.shop, { committedBefore: later() })).undelivered).toEqual([]);
});

test("rows younger than the limit are on their way, and left out", async () => {
  await shop.commit("order#1", 1, "a");
  const report = await audit(shop.shop, { committedBefore: Date.now() - 60_000 });
  expect(report).toMatchObject({ undelivered: [], outboxes: [{ rows: 0 }, { rows: 0 }, { rows: 0 }] });
});

test("parked, dead and lost events are distinguished", async () => {
  for (const aggregate of ["order#parked", "order#dead", "order#lost"]) await shop.commit(aggregate, 1, "a");
  const put = (table: string, Item: Record<string, unknown>) =>
    shop.documents.send(new PutCommand({ TableName: table, Item }));
  await put(shop.table("orders-parked"), { aggregate: "order#parked", version: 1, events: [] });
  await put(shop.table("barista-inbox"), { message: "barista#blocked#order#dead", upTo: "1" });
  const { undelivered } = await audit(shop.shop, { committedBefore: later() });
  const held = Object.fromEntries(undelivered.map((event) => [event.aggregate, event.held]));
  expect(held).toEqual({ "order#parked": "parked", "order#dead": "dead", "order#lost": "neither" });
});

test("more events than a projection can name, and more rows than a page holds, are all read", async () => {
  const texts = Array.from({ length: 25 }, (_, index) => `${index} ${"x".repeat(40_000)}`);
  const events = await shop.commit(
    "order#long",
    1,
    ...texts.slice(0, 8).map((text) => text.slice(0, 3)),
    ...texts.slice(8, 12).map((text) => text.slice(0, 3)),
  );
  for (const [index, text] of texts.entries())
    await shop.handled(...(await shop.commit(`order#${index}`, 1, text, text)));
  await shop.handled(...events.slice(0, 11));
  const report = await audit(shop.shop, { committedBefore: later() });
  expect(report.undelivered.map(({ id }) => id)).toEqual([events[11]?.id]);
  expect(report.outboxes[0]).toMatchObject({ rows: 26, events: 62 });
});

test("a row edited by hand into nonsense spoils nothing", async () => {
  await shop.documents.send(
    new PutCommand({
      TableName: shop.table("orders-outbox"),
      Item: { aggregate: "order#1", version: 1, events: "none" },
    }),
  );
  await shop.commit("order#2", 1, "a");
  expect((await audit(shop.shop, { committedBefore: later() })).undelivered).toHaveLength(1);
});
