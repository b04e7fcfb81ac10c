import { type FaultProxy, startFaultProxy } from "@doubleshot/local-aws";
import { afterEach, describe, expect, test } from "vitest";
import { openShop, type Shop } from "../src/index.ts";
import { freePorts } from "../src/ports.ts";
import { events, rows } from "./books.fixture.ts";
import { brewing, order } from "./people.fixture.ts";

let shop: Shop;
let proxy: FaultProxy;
afterEach(async () => {
  proxy?.inflict(() => "pass");
  await shop?.close();
  await proxy?.close();
});

/** A shop whose orders service reaches DynamoDB through a proxy that can lose answers. */
async function openBehindProxy(): Promise<void> {
  const [dynamodb = 0] = await freePorts(1);
  proxy = await startFaultProxy(`http://127.0.0.1:${dynamodb}`);
  shop = await openShop({ ports: { dynamodb }, env: { orders: { AWS_ENDPOINT_URL_DYNAMODB: proxy.url } } });
}

describe("an order whose commit goes unanswered", () => {
  test.each(["cut", "stall", "drop"] as const)("(%s) is placed once, and its caller is served", async (fault) => {
    await openBehindProxy();
    let afflicted = 0;
    proxy.inflict(({ operation, body }) => {
      const placing = operation === "TransactWriteItems" && body.includes("OrderPlaced");
      return placing && ++afflicted === 1 ? fault : "pass";
    });
    const waiting = order(shop.orders[0]?.url ?? "", "Ada");
    const [brewed] = await brewing(shop.barista[0]?.url ?? "", 1);
    const answer = await waiting;
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ id: brewed, name: "Ada", status: "COMPLETED" });
    // The fault has really been met, and tried again after.
    expect(afflicted).toBe(2);
    expect(await rows(shop.aws.clients, "orders")).toHaveLength(1);
    expect(await events(shop.aws.clients, "orders", "OrderPlaced")).toHaveLength(1);
    expect(await rows(shop.aws.clients, "barista")).toHaveLength(1);
  });
});

test("a completion whose commit goes unanswered is not lost, and its caller is served", async () => {
  await openBehindProxy();
  const waiting = order(shop.orders[0]?.url ?? "", "Ada");
  let afflicted = 0;
  proxy.inflict(({ operation, body }) =>
    operation === "TransactWriteItems" && body.includes("BrewFinished") && ++afflicted === 1 ? "cut" : "pass",
  );
  await brewing(shop.barista[0]?.url ?? "", 1);
  expect((await waiting).status).toBe(200);
  expect(afflicted).toBeGreaterThan(0);
});
