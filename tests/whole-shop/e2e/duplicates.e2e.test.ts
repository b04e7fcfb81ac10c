import { randomUUID } from "node:crypto";
import { SendMessageCommand } from "@aws-sdk/client-sqs";
import { type OpenShop, openShop } from "@doubleshot/dev-shop";
import { queueUrl } from "@doubleshot/topology";
import { afterAll, beforeAll, expect, test } from "vitest";
import { brewing, order, orderJson, until } from "./people.fixture.ts";
import { rows } from "./table-rows.fixture.ts";

let shop: OpenShop;
beforeAll(async () => {
  shop = await openShop({ only: ["orders", "barista"] });
});
afterAll(() => shop?.close());

/** Sends every event of a publisher's outbox to the subscriber's queue again, past the five minutes in which SNS would drop it. */
async function deliverAgain(publisher: string, subscriber: string): Promise<number> {
  const { clients } = shop.aws;
  const QueueUrl = await queueUrl(clients, shop.shopName, `${subscriber}-subscriber.fifo`);
  let sent = 0;
  for (const { aggregate, events } of await rows(shop, `${publisher}-outbox`)) {
    for (const { id, json } of events as { id: string; json: string }[]) {
      await clients.sqs.send(
        new SendMessageCommand({
          QueueUrl,
          MessageBody: json,
          MessageGroupId: String(aggregate),
          MessageDeduplicationId: `${id}:${randomUUID()}`,
        }),
      );
      sent += 1;
    }
  }
  return sent;
}

test("messages delivered again change nothing", async () => {
  const [orders = "", barista = ""] = [shop.services.orders[0]?.url, shop.services.barista[0]?.url];
  const waiting = ["Ada", "Grace"].map((name) => order(orders, name));
  await brewing(barista, 2);
  const answers = await Promise.all(waiting);
  const ids = await Promise.all(answers.map(async (answer) => ((await answer.json()) as { id: string }).id));
  const state = async () => ({
    orders: await rows(shop, "orders"),
    tickets: await rows(shop, "barista"),
    news: [await rows(shop, "orders-outbox"), await rows(shop, "barista-outbox")].map(({ length }) => length),
    handled: [await rows(shop, "orders-inbox"), await rows(shop, "barista-inbox")].map(({ length }) => length),
  });
  const before = await state();
  expect(await deliverAgain("orders", "barista")).toBe(2);
  expect(await deliverAgain("barista", "orders")).toBe(4);
  // An order placed after the repeats, and served, shows that both queues have been read past them.
  const after = order(orders, "Barbara");
  await brewing(barista, 1);
  expect((await after).status).toBe(200);
  await expect.poll(async () => (await state()).handled, until).toEqual([6, 3]);
  const now = await state();
  for (const name of ["orders", "tickets"] as const) {
    expect(now[name].filter(({ id }) => ids.includes(String(id)))).toEqual(
      expect.arrayContaining(before[name] as unknown[]),
    );
  }
  expect(now.news).toEqual([3, 6]);
  for (const id of ids) expect(await orderJson(orders, id)).toMatchObject({ status: "COMPLETED" });
});
