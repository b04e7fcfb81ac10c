import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import { type OpenShop, openShop } from "@doubleshot/dev-shop";
import { queueUrl } from "@doubleshot/topology";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { brewing, finish, order, orderJson, start, until } from "./people.fixture.ts";
import { undelivered } from "./table-rows.fixture.ts";

// The behaviour of a shop whose AWS dies, hangs, or is closed with it.

let data: string;
let shop: OpenShop;
/** Crashes and restarts since the test began. */
let restarts: string[] = [];
/** The drain is shorter than the four tries of one call to SQS. */
const env = { DRAIN_SECONDS: "15" };
const open = () => openShop({ only: ["orders", "barista"], data, env, log: (line) => restarts.push(line) });
beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), "doubleshot-"));
  shop = await open();
});
beforeEach(() => {
  restarts = [];
});
afterAll(async () => {
  await shop?.close();
  await rm(data, { recursive: true, force: true });
});

const ordersUrl = () => shop.services.orders[0]?.url ?? "";
const baristaUrl = () => shop.services.barista[0]?.url ?? "";

/** Messages that the service has not settled: one whose handler has committed may still have to be deleted. */
async function unsettled(service: "orders" | "barista"): Promise<number> {
  const { clients } = shop.aws;
  const { Attributes = {} } = await clients.sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl: await queueUrl(clients, shop.shopName, `${service}-subscriber.fifo`),
      AttributeNames: ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
    }),
  );
  return Object.values(Attributes).reduce((sum, count) => sum + Number(count), 0);
}

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
  expect(await undelivered(shop, "orders", "barista")).toEqual([]);
  await expect.poll(() => undelivered(shop, "barista", "orders"), until).toEqual([]);
});

test("while SQS does not answer, both send waiting callers on, and end in order", async () => {
  const waiting = order(ordersUrl(), "Ada");
  const { order_id } = await start(baristaUrl());
  // A message in hand could not be settled, and their exit code would report it.
  await expect.poll(() => undelivered(shop, "barista", "orders"), until).toEqual([]);
  await expect.poll(async () => (await unsettled("orders")) + (await unsettled("barista")), until).toBe(0);

  shop.aws.suspend();
  const gone = Promise.all([shop.services.orders[0]?.kill("SIGTERM"), shop.services.barista[0]?.kill("SIGTERM")]);
  const sentOn = await waiting;
  expect([sentOn.status, sentOn.headers.get("location")]).toEqual([503, `/orders/${order_id}`]);
  await gone;
  shop.aws.resume();
  expect(restarts.filter((line) => line.includes(" ended with ")).sort()).toEqual([
    "barista ended with code 0: starting it again",
    "orders ended with code 0: starting it again",
  ]);
  await Promise.all([shop.services.orders[0]?.up(), shop.services.barista[0]?.up()]);
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
  shop = await open();
  await finish(baristaUrl(), order_id);
  await expect.poll(async () => (await orderJson(ordersUrl(), order_id)).status, until).toBe("COMPLETED");
});
