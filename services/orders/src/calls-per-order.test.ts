import { countedClients, until, useLocalAws } from "@doubleshot/service-host/testing";
import { expect, test } from "vitest";
import { useOrders } from "./orders.fixture.ts";

const aws = useLocalAws();
const here = useOrders(aws);

/** A process whose calls are counted from now on. */
async function counted() {
  const { clients, calls, writeUnits } = countedClients(aws.endpoints);
  const counter = await here.start({ HINTS: "off", SWEEP: "off" }, { clients });
  calls.length = 0;
  const status = async () => (await here.rows("orders"))[0]?.status;
  return {
    counter,
    writeUnits,
    untilIs: (wanted: string) => until(async () => (await status()) === wanted),
    /** The calls but for the consumer's own, which reads the markers of blocked groups after each receive. */
    calls: () => {
      const shop = new RegExp(`\\b${here.shop.name}-`, "g");
      return calls.map((call) => call.replace(shop, "")).filter((call) => !/^\w+Get\w* orders-inbox$/.test(call));
    },
  };
}

test("an order costs one transaction for each of its changes, a count of open orders, and no read", async () => {
  const { counter, calls, writeUnits, untilIs } = await counted();
  const answer = here.order(counter, "Ada");
  const id = await here.nextOrder();
  await here.bar.starts(id);
  await untilIs("BREWING");
  await here.bar.finishes(id);
  expect((await answer).status).toBe(200);
  expect(calls()).toEqual([
    "Query orders",
    "TransactWriteItems orders orders-outbox",
    "TransactWriteItems orders orders-inbox",
    "TransactWriteItems orders orders-inbox",
  ]);
  // As before there were orders on account: a guest's order pays for none of them.
  expect(writeUnits).toEqual([6, 4, 5]);
});

test("an order on account costs one transaction more in orders, and one event more at each of its ends", async () => {
  const { counter, calls, writeUnits, untilIs } = await counted();
  const body = JSON.stringify({ customer_id: here.accounts.customerId, order_total: 100 });
  const headers = { "content-type": "application/json" };
  const answer = fetch(`${counter.url}/order/`, { method: "POST", headers, body });
  const id = await here.nextOrder();
  await here.accounts.reserves(id);
  await untilIs("PLACED");
  await here.bar.starts(id);
  await untilIs("BREWING");
  await here.bar.finishes(id);
  expect((await answer).status).toBe(200);
  expect(calls()).toEqual([
    "Query orders",
    "TransactWriteItems orders orders-outbox",
    "TransactWriteItems orders orders-inbox orders-outbox",
    "TransactWriteItems orders orders-inbox",
    "TransactWriteItems orders orders-inbox orders-outbox",
  ]);
  expect(writeUnits).toEqual([7, 7, 4, 7]);
});

test("a key costs two write units, and no call", async () => {
  const { counter, calls, writeUnits } = await counted();
  for (const key of ["k-1", crypto.randomUUID()]) {
    await fetch(`${counter.url}/orders`, { method: "POST", headers: { "idempotency-key": key } });
  }
  const commit = "TransactWriteItems orders orders-outbox orders-requests";
  expect(calls().filter((call) => !call.startsWith("Query"))).toEqual([commit, commit]);
  expect(writeUnits).toEqual([8, 8]);
});
