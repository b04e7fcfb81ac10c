import { freePorts, type OpenShop, openShop } from "@doubleshot/dev-shop";
import {
  type Fault,
  type FaultProxy,
  type ForeignAnswer,
  type ProxiedCall,
  startFaultProxy,
} from "@doubleshot/local-aws";
import { afterEach, describe, expect, test } from "vitest";
import { events, rows } from "./books.fixture.ts";
import { brewing, order, start } from "./people.fixture.ts";

let shop: OpenShop;
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
  shop = await openShop({
    ports: { dynamodb },
    services: { orders: { env: { AWS_ENDPOINT_URL_DYNAMODB: proxy.url } } },
  });
}

const page = { carriedOut: true, status: 200, headers: { "content-type": "text/html" }, body: "<html>Sign in</html>" };
/** What a broken balancer may say of what was carried out. */
const foreign: Record<string, ForeignAnswer> = {
  page,
  "a page that is not found": { ...page, status: 404 },
  "half an answer": {
    carriedOut: true,
    status: 200,
    headers: { "content-type": "application/x-amz-json-1.0" },
    body: '{"Items":[',
  },
  "nothing at all": { carriedOut: true, status: 200, body: "" },
  "an object of its own": {
    carriedOut: true,
    status: 200,
    headers: { "content-type": "application/json" },
    body: '{"ok":true}',
  },
};
const faults = [
  ...(["cut", "stall", "drop"] as const).map((fault) => [fault, fault] as const),
  ...Object.entries(foreign),
];

describe("an order whose commit goes unanswered", () => {
  test.each(faults)("(%s) is placed once, and its caller is served", async (_, fault) => {
    await openBehindProxy();
    let afflicted = 0;
    proxy.inflict(({ operation, body }) => {
      const placing = operation === "TransactWriteItems" && body.includes("OrderPlaced");
      return placing && ++afflicted === 1 ? fault : "pass";
    });
    const waiting = order(shop.services.orders[0]?.url ?? "", "Ada");
    const [brewed] = await brewing(shop.services.barista[0]?.url ?? "", 1);
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
  const waiting = order(shop.services.orders[0]?.url ?? "", "Ada");
  let afflicted = 0;
  proxy.inflict(({ operation, body }) =>
    operation === "TransactWriteItems" && body.includes("BrewFinished") && ++afflicted === 1 ? "cut" : "pass",
  );
  await brewing(shop.services.barista[0]?.url ?? "", 1);
  expect((await waiting).status).toBe(200);
  expect(afflicted).toBeGreaterThan(0);
});

test.each(Object.entries({ page, "an object of its own": foreign["an object of its own"] ?? page }))(
  "while AWS answers every call with %s no process ends, and all are served after",
  async (_, answer) => {
    const [dynamodb = 0, messaging = 0] = await freePorts(2);
    proxy = await startFaultProxy(`http://127.0.0.1:${dynamodb}`);
    await using queues = await startFaultProxy(`http://127.0.0.1:${messaging}`);
    const env = {
      AWS_ENDPOINT_URL_DYNAMODB: proxy.url,
      AWS_ENDPOINT_URL_SQS: queues.url,
      AWS_ENDPOINT_URL_SNS: queues.url,
    };
    shop = await openShop({ ports: { dynamodb, messaging }, env, restart: false });
    const [orders = "", barista = ""] = [shop.services.orders[0]?.url, shop.services.barista[0]?.url];
    const asked = new Map<string, number>();
    const afflict = ({ operation }: ProxiedCall): Fault => {
      asked.set(operation, (asked.get(operation) ?? 0) + 1);
      return { ...answer, carriedOut: false };
    };
    const waiting = [order(orders, "Ada")];
    const { order_id: first } = await start(barista);
    proxy.inflict(afflict);
    queues.inflict(afflict);
    waiting.push(order(orders, "Grace"));
    const turned = await fetch(`${barista}/start/`);
    expect([turned.status, turned.headers.get("content-type")]).toEqual([503, expect.stringContaining("problem+json")]);
    const often = (operation: string) => asked.get(operation) ?? 0;
    await expect
      .poll(() => often("TransactWriteItems") > 3 && often("ReceiveMessage") > 0, { timeout: 20_000 })
      .toBe(true);
    proxy.inflict(() => "pass");
    queues.inflict(() => "pass");
    expect((await fetch(`${barista}/finish/?order_id=${first}`, { method: "POST" })).status).toBe(200);
    await brewing(barista, 1);
    for (const answer of await Promise.all(waiting)) expect(answer.status).toBe(200);
    expect(await rows(shop.aws.clients, "orders")).toHaveLength(2);
  },
);
