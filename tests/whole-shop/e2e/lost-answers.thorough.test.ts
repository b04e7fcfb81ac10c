import { freePorts, type OpenShop, openShop } from "@doubleshot/dev-shop";
import {
  type Fault,
  type FaultProxy,
  type ForeignAnswer,
  type ProxiedCall,
  startFaultProxy,
} from "@doubleshot/local-aws";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { brewing, order, start } from "./people.fixture.ts";
import { events, rows } from "./table-rows.fixture.ts";

let shop: OpenShop;
/** Proxies between the services and DynamoDB, and SNS and SQS. */
let dynamo: FaultProxy;
let queues: FaultProxy;

beforeAll(async () => {
  const [dynamodb = 0, messaging = 0] = await freePorts(2);
  dynamo = await startFaultProxy(`http://127.0.0.1:${dynamodb}`);
  queues = await startFaultProxy(`http://127.0.0.1:${messaging}`);
  const env = {
    AWS_ENDPOINT_URL_DYNAMODB: dynamo.url,
    AWS_ENDPOINT_URL_SQS: queues.url,
    AWS_ENDPOINT_URL_SNS: queues.url,
  };
  // A process that ends stays down, and the tests after it fail.
  shop = await openShop({ only: ["orders", "barista"], ports: { dynamodb, messaging }, env, restart: false });
});
const inflict = (fault: (call: ProxiedCall) => Fault) => {
  dynamo.inflict(fault);
  queues.inflict(fault);
};
afterEach(() => inflict(() => "pass"));
afterAll(async () => {
  await shop?.close();
  await dynamo?.close();
  await queues?.close();
});

const ordersUrl = () => shop.services.orders[0]?.url ?? "";
const baristaUrl = () => shop.services.barista[0]?.url ?? "";

const page = {
  isCarriedOut: true,
  status: 200,
  headers: { "content-type": "text/html" },
  body: "<html>Sign in</html>",
};
/** Answers of a broken balancer to calls that were carried out. */
const foreign: Record<string, ForeignAnswer> = {
  "a page": page,
  "a page that is not found": { ...page, status: 404 },
  "half an answer": {
    isCarriedOut: true,
    status: 200,
    headers: { "content-type": "application/x-amz-json-1.0" },
    body: '{"Items":[',
  },
  "nothing at all": { isCarriedOut: true, status: 200, body: "" },
  "an object of its own": {
    isCarriedOut: true,
    status: 200,
    headers: { "content-type": "application/json" },
    body: '{"ok":true}',
  },
};
const faults = [
  ...(["cut", "stall", "drop"] as const).map((fault) => [fault, fault] as const),
  ...Object.entries(foreign),
];

async function counts() {
  return {
    orders: (await rows(shop, "orders")).length,
    placed: (await events(shop, "orders", "OrderPlaced")).length,
    tickets: (await rows(shop, "barista")).length,
  };
}

test.each(faults)(
  "an order whose commit loses its answer, or gets a foreign one (%s), is placed once, and its caller is served",
  async (name, fault) => {
    const before = await counts();
    let commits = 0;
    inflict(({ operation, body }) => {
      const isCommit = operation === "TransactWriteItems" && body.includes("doubleshot-orders-outbox");
      return isCommit && body.includes("OrderPlaced") && ++commits === 1 ? fault : "pass";
    });
    const waiting = order(ordersUrl(), name);
    const [brewed] = await brewing(baristaUrl(), 1);
    const answer = await waiting;
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ id: brewed, name, status: "COMPLETED" });
    // The first commit met the fault, and the second succeeded.
    expect(commits).toBe(2);
    const { orders, placed, tickets } = before;
    expect(await counts()).toEqual({ orders: orders + 1, placed: placed + 1, tickets: tickets + 1 });
  },
);

test("a completion whose commit goes unanswered is not lost, and its caller is served", async () => {
  const waiting = order(ordersUrl(), "Ada");
  let commits = 0;
  inflict(({ operation, body }) => {
    const isCommit = operation === "TransactWriteItems" && body.includes("doubleshot-orders-inbox");
    return isCommit && body.includes("BrewFinished") && ++commits === 1 ? "cut" : "pass";
  });
  await brewing(baristaUrl(), 1);
  expect((await waiting).status).toBe(200);
  expect(commits).toBeGreaterThan(0);
});

test.each(Object.entries({ "a page": page, "an object of its own": foreign["an object of its own"] ?? page }))(
  "no process ends while AWS answers every call with %s, and all callers are served afterwards",
  async (_, answer) => {
    const { orders } = await counts();
    const calls = new Map<string, number>();
    const answerForeign = ({ operation }: ProxiedCall): Fault => {
      calls.set(operation, (calls.get(operation) ?? 0) + 1);
      return { ...answer, isCarriedOut: false };
    };
    const waiting = [order(ordersUrl(), "Ada")];
    const { order_id: first } = await start(baristaUrl());
    inflict(answerForeign);
    waiting.push(order(ordersUrl(), "Grace"));
    const refused = await fetch(`${baristaUrl()}/start/`);
    expect([refused.status, refused.headers.get("content-type")]).toEqual([
      503,
      expect.stringContaining("problem+json"),
    ]);
    const count = (operation: string) => calls.get(operation) ?? 0;
    await expect.poll(() => count("TransactWriteItems") > 3 && count("ReceiveMessage") > 0).toBe(true);
    inflict(() => "pass");
    expect((await fetch(`${baristaUrl()}/finish/?order_id=${first}`, { method: "POST" })).status).toBe(200);
    await brewing(baristaUrl(), 1);
    for (const each of await Promise.all(waiting)) expect(each.status).toBe(200);
    expect((await counts()).orders).toBe(orders + 2);
  },
);
