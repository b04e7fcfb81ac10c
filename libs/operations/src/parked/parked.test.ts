import { DeleteMessageCommand, ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import { GetCommand, PutCommand, TransactWriteCommand } from "@aws-sdk/lib-dynamodb";
import { fromWire, isParkedIndex } from "@doubleshot/messaging/operations";
import { queueUrl } from "@doubleshot/topology";
import { beforeEach, describe, expect, test } from "vitest";
import { openTestShop, type TestShop, useTestAws } from "../test-shop.fixture.ts";
import { dropParked } from "./drop-parked.ts";
import { parkedAggregate, parkedAggregates } from "./parked-rows.ts";
import { retryParked } from "./retry-parked.ts";

const aws = useTestAws();
let shop: TestShop;
beforeEach(async () => {
  shop = await openTestShop(aws);
});

const poison = { code: "InvalidParameter", message: "Invalid parameter: Message" };

/** Parks a row as the relay does: the row and the marker that names it, in one transaction. */
async function park(aggregate: string, version: number, row: Record<string, unknown>) {
  const TableName = shop.table("orders-parked");
  await shop.documents.send(
    new TransactWriteCommand({
      TransactItems: [
        { Put: { TableName, Item: { aggregate, version: 0, upTo: version, since: "2026-01-31T08:30:00.000Z" } } },
        {
          Put: {
            TableName,
            Item: { aggregate, version, reason: poison, parkedAt: "2026-01-31T08:30:00.000Z", ...row },
          },
        },
      ],
    }),
  );
}

async function commitAndPark(aggregate: string, version: number, ...texts: string[]) {
  await park(aggregate, version, { events: await shop.commit(aggregate, version, ...texts) });
}

const parked = async () => (await shop.rows("orders-parked")).filter((item) => !isParkedIndex(item));

/** The texts that have reached the bar's queue, in order; they are taken out. */
async function published(): Promise<string[]> {
  const { clients, name } = shop.shop;
  const QueueUrl = await queueUrl(clients, name, shop.bar.queue);
  const texts: string[] = [];
  for (;;) {
    const { Messages = [] } = await clients.sqs.send(new ReceiveMessageCommand({ QueueUrl }));
    const [{ Body = "", ReceiptHandle } = {}] = Messages;
    if (ReceiptHandle === undefined) return texts;
    texts.push((fromWire(Body).data as { text: string }).text);
    await clients.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
  }
}

test("lists parked rows, with their reasons and the marker", async () => {
  await commitAndPark("order#1", 3, "a", "b");
  await commitAndPark("order#1", 4, "c");
  expect(await parkedAggregates(shop.shop)).toMatchObject([
    { aggregate: "order#1", marker: { upTo: 4 }, rows: [{ version: 3, reason: poison }, { version: 4 }] },
  ]);
});

describe("retry", () => {
  test("publishes in order, and releases the aggregate", async () => {
    await commitAndPark("order#1", 3, "a", "b");
    await commitAndPark("order#1", 4, "c");
    await commitAndPark("order#2", 1, "other");
    expect(await retryParked(shop.shop, "order#1")).toEqual({ outcome: "released", events: 3 });
    expect(await published()).toEqual(["a", "b", "c"]);
    expect((await parked()).map(({ aggregate }) => aggregate)).toEqual(["order#2", "order#2"]);
  });

  test("within FIFO's five minutes of the first publication too", async () => {
    await commitAndPark("order#1", 1, "a");
    await retryParked(shop.shop, "order#1");
    await park("order#1", 1, { events: (await shop.rows("orders-outbox"))[0]?.events });
    await retryParked(shop.shop, "order#1");
    expect(await published()).toEqual(["a", "a"]);
  });

  test("an event that SNS still refuses stays, and what is behind it", async () => {
    await commitAndPark("order#1", 1, "a");
    await park("order#1", 2, { events: [{ id: "x", type: "OrderPlaced", json: "y".repeat(300_000) }] });
    await commitAndPark("order#1", 3, "c");
    expect(await retryParked(shop.shop, "order#1")).toMatchObject({
      outcome: "refused",
      version: 2,
      reason: expect.stringContaining("too long"),
    });
    expect(await published()).toEqual(["a"]);
    expect(await parked()).toHaveLength(4);
  });

  test("a row that could not be read is published once it has been repaired", async () => {
    await park("order#1", 1, {
      events: [],
      row: `{"events":{"S":"nonsense"}}`,
      reason: { code: "MalformedRow", message: "no events" },
    });
    expect(await retryParked(shop.shop, "order#1")).toMatchObject({
      outcome: "refused",
      version: 1,
      reason: expect.stringContaining("repair it"),
    });
    await shop.commit("order#1", 1, "repaired");
    expect(await retryParked(shop.shop, "order#1")).toEqual({ outcome: "released", events: 1 });
    expect(await published()).toEqual(["repaired"]);
  });

  test("deletes the rows that an interrupted release has left, without publishing them again", async () => {
    await shop.documents.send(
      new PutCommand({
        TableName: shop.table("orders-parked"),
        Item: { aggregate: "order#1", version: 1, events: [], reason: poison },
      }),
    );
    expect(await retryParked(shop.shop, "order#1")).toEqual({ outcome: "not-parked" });
    expect(await parked()).toEqual([]);
  });
});

describe("while the relay parks more, retry", () => {
  test("publishes a row that comes behind, before it deletes the marker", async () => {
    await commitAndPark("order#1", 1, "a");
    const racing = shop.before(aws, "TransactWriteItemsCommand", () => commitAndPark("order#1", 2, "b"));
    const outcome = await retryParked(racing, "order#1");
    racing.clients.destroy();
    expect(outcome).toEqual({ outcome: "released", events: 2 });
    expect(await published()).toEqual(["a", "b"]);
    expect(await parked()).toEqual([]);
  });

  test("publishes a row that comes late and belongs before the published ones", async () => {
    await commitAndPark("order#1", 3, "c");
    const racing = shop.before(aws, "TransactWriteItemsCommand", () => commitAndPark("order#1", 2, "b"));
    const outcome = await retryParked(racing, "order#1");
    racing.clients.destroy();
    expect(outcome).toEqual({ outcome: "released", events: 2 });
    expect(await published()).toEqual(["c", "b"]);
    expect(await parked()).toEqual([]);
  });
});

describe("drop", () => {
  const drop = async (version: number) => {
    const found = await parkedAggregate(shop.shop, "order#1");
    if (found === undefined) throw new Error("not parked");
    return dropParked(shop.shop, found, version);
  };

  test("the rest can be retried, with any row dropped", async () => {
    for (const dropped of [1, 2, 3]) {
      for (const version of [1, 2, 3]) await park("order#1", version, { events: await eventsOf(version) });
      expect(await drop(dropped)).toBe("dropped");
      expect(await retryParked(shop.shop, "order#1")).toEqual({ outcome: "released", events: 2 });
      expect(await published()).toEqual(["v1", "v2", "v3"].filter((_, index) => index + 1 !== dropped));
      expect(await parked()).toEqual([]);
    }
  });

  test("when nothing is left, the aggregate is released, in any order of the drops", async () => {
    for (const versions of [[1], [1, 2], [2, 1]]) {
      for (const version of versions.toSorted()) await park("order#1", version, { events: await eventsOf(version) });
      for (const version of versions.slice(0, -1)) expect(await drop(version)).toBe("dropped");
      expect(await drop(versions.at(-1) ?? 0)).toBe("dropped-and-released");
      expect(await parked()).toEqual([]);
    }
    expect(await published()).toEqual([]);
  });

  async function eventsOf(version: number) {
    const Key = { aggregate: "order#1", version };
    const { Item } = await shop.documents.send(new GetCommand({ TableName: shop.table("orders-outbox"), Key }));
    return Item?.events ?? (await shop.commit("order#1", version, `v${version}`));
  }
});
