import { ListQueuesCommand } from "@aws-sdk/client-sqs";
import { type OpenShop, openShop, type ShopProcess } from "@doubleshot/dev-shop";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { order, start, until } from "./people.fixture.ts";
import { rows } from "./table-rows.fixture.ts";

let shop: OpenShop;
/** Crashes and restarts since the test began. */
let restarts: string[] = [];
beforeAll(async () => {
  // The delay is long enough to be seen on a busy machine.
  const env = { DRAIN_DELAY_MS: "3000" };
  shop = await openShop({ only: ["orders", "barista"], env, log: (line) => restarts.push(line) });
});
beforeEach(() => {
  restarts = [];
});
afterAll(() => shop?.close());

function theOne([process]: readonly ShopProcess[] = []): ShopProcess {
  return process ?? expect.fail("no such process");
}

/** Like a load balancer, on a connection of its own. */
async function readiness(url: string): Promise<number> {
  const response = await fetch(`${url}/readyz`, { headers: { connection: "close" } });
  await response.body?.cancel();
  return response.status;
}

async function hintQueue(service: "orders" | "barista"): Promise<string | undefined> {
  const { QueueUrls = [] } = await shop.aws.clients.sqs.send(
    new ListQueuesCommand({ QueueNamePrefix: `${shop.shopName}-${service}-hints-` }),
  );
  expect(QueueUrls).toHaveLength(1);
  return QueueUrls[0];
}

test("a counter that stops is unready before it closes, sends its callers on, and leaves nothing behind", async () => {
  const counter = theOne(shop.services.orders);
  const queue = await hintQueue("orders");
  const waiting = order(counter.url, "Ada");
  const { order_id } = await start(theOne(shop.services.barista).url);

  const gone = counter.kill("SIGTERM");
  await expect.poll(() => readiness(counter.url), until).toBe(503);
  const late = await order(counter.url, "Bob");
  expect([late.status, late.headers.get("retry-after"), late.headers.get("location")]).toEqual([503, "1", null]);
  const sentOn = await waiting;
  expect([sentOn.status, sentOn.headers.get("retry-after")]).toEqual([503, "1"]);
  expect(sentOn.headers.get("location")).toBe(`/orders/${order_id}`);

  await gone;
  expect(restarts).toEqual(["orders ended with code 0: starting it again"]);
  expect(await rows(shop, "orders")).toHaveLength(1);
  await counter.up();
  expect(await hintQueue("orders")).not.toBe(queue);
});

test("a bar that stops is unready before it closes, sends baristas on, and leaves nothing behind", async () => {
  const bar = theOne(shop.services.barista);
  const queue = await hintQueue("barista");
  const waiting = fetch(`${bar.url}/start/?wait=60`);
  await expect
    .poll(async () => (await fetch(`${bar.url}/metrics`)).text(), until)
    .toContain("\nbarista_waiting_baristas 1\n");

  const gone = bar.kill("SIGTERM");
  await expect.poll(() => readiness(bar.url), until).toBe(503);
  expect((await waiting).status).toBe(204);
  const late = await fetch(`${bar.url}/start/?wait=60`);
  expect([late.status, late.headers.get("retry-after")]).toEqual([503, "1"]);

  await gone;
  expect(restarts).toEqual(["barista ended with code 0: starting it again"]);
  await bar.up();
  expect(await hintQueue("barista")).not.toBe(queue);
});
