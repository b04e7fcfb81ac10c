import { countedClients, until, useLocalAws } from "@doubleshot/service-host/testing";
import { expect, test } from "vitest";
import { useOrders } from "./orders.fixture.ts";

const aws = useLocalAws();
const here = useOrders(aws);

test("an order costs one transaction for each of its changes, a count of open orders, and no read", async () => {
  const { clients, calls } = countedClients(aws.endpoints);
  const counter = await here.start({ HINTS: "off", SWEEP: "off" }, { clients });
  calls.length = 0;
  const answer = here.order(counter, "Ada");
  const id = await here.nextOrder();
  await here.bar.starts(id);
  await until(async () => (await here.rows("orders"))[0]?.status === "BREWING");
  await here.bar.finishes(id);
  expect((await answer).status).toBe(200);
  const shop = new RegExp(`\\b${here.shop.name}-`, "g");
  // The consumer itself reads the markers of blocked groups after each receive.
  const own = calls.map((call) => call.replace(shop, "")).filter((call) => !/^\w+Get\w* orders-inbox$/.test(call));
  expect(own).toEqual([
    "Query orders",
    "TransactWriteItems orders orders-outbox",
    "TransactWriteItems orders orders-inbox",
    "TransactWriteItems orders orders-inbox",
  ]);
});
