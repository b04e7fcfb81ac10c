import { type FaultProxy, startFaultProxy } from "@doubleshot/local-aws";
import { until, useLocalAws } from "@doubleshot/service-host/testing";
import type { RunningService } from "@doubleshot/service-kit";
import { type AwsClients, createAwsClients } from "@doubleshot/topology";
import { afterEach, beforeEach, expect, test } from "vitest";
import { useOrders } from "../orders.fixture.ts";
import { PlaceAndWait } from "./place-and-wait.ts";

/*
 * One orders process whose DynamoDB can be made to lose answers, beside one whose DynamoDB is well.
 */
const aws = useLocalAws();
let proxy: FaultProxy;
let unlucky: AwsClients;

beforeEach(async () => {
  proxy = await startFaultProxy(aws.endpoints.dynamodb);
  unlucky = createAwsClients({ endpoints: { ...aws.endpoints, dynamodb: proxy.url }, requestTimeoutMs: 500 });
});
// Hooks after a test run in reverse order: 1. AWS is well again; 2. `useOrders` drains; 3. the proxy closes.
afterEach(async () => {
  unlucky.destroy();
  await proxy.close();
});
const here = useOrders(aws);
afterEach(() => proxy.inflict(() => "pass"));

const order = (at: RunningService, headers: Record<string, string> = {}) =>
  fetch(`${at.url}/order/`, { method: "POST", headers });

/** Commits meet this fault so many times, then all is well. */
function inflictOnCommits(fault: "cut" | "stall" | "drop", times: number): { met: () => number } {
  let met = 0;
  proxy.inflict(({ operation }) => {
    if (operation !== "TransactWriteItems" || met >= times) return "pass";
    met += 1;
    return fault;
  });
  return { met: () => met };
}

test.each([
  ["cut", 1],
  ["cut", 7],
  ["stall", 2],
  ["drop", 7],
] as const)(
  "the answer to a commit is lost (%s, %d times): the caller is served, with one order",
  async (fault, times) => {
    const counter = await here.start({}, { clients: unlucky });
    const { met } = inflictOnCommits(fault, times);
    const answer = order(counter);
    const id = await here.nextOrder();
    await until(async () => met() === times);
    await here.bar.finishes(id);
    const response = await answer;
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ id, status: "COMPLETED" });
    expect(await here.orderIds()).toEqual([id]);
    expect(await here.rows("orders-outbox")).toHaveLength(1);
  },
);

test("the completion comes before the answer to the commit: the caller, whose wait started before, is served", async () => {
  const counter = await here.start({ SWEEP: "off", HINTS: "off" }, { clients: unlucky });
  inflictOnCommits("stall", 1);
  const answer = order(counter);
  const id = await here.nextOrder();
  await here.bar.finishes(id);
  await until(async () => (await here.rows("orders"))[0]?.status === "COMPLETED");
  expect(await (await answer).json()).toMatchObject({ id, status: "COMPLETED" });
});

test("the answer to a commit under a key is lost: the next attempt recognises its own order", async () => {
  const counter = await here.start({}, { clients: unlucky });
  inflictOnCommits("cut", 5);
  const answer = order(counter, { "idempotency-key": "k-1" });
  const id = await here.nextOrder();
  await here.bar.finishes(id);
  expect(await (await answer).json()).toMatchObject({ id });
  expect(await here.orderIds()).toEqual([id]);
});

test("a key that another process commits meanwhile: the loser waits for the winner's order", async () => {
  const late = await here.start({ CONSUME: "off" }, { clients: unlucky });
  const well = await here.start();
  const { met } = inflictOnCommits("drop", 6);
  const key = { "idempotency-key": "k-1" };
  const loser = order(late, key);
  await until(async () => met() > 0);
  const winner = order(well, key);
  const id = await here.nextOrder();
  await until(async () => met() === 6);
  await here.bar.finishes(id);
  expect(await (await winner).json()).toMatchObject({ id });
  expect(await (await loser).json()).toMatchObject({ id });
  expect(await here.orderIds()).toEqual([id]);
});

test("the process stops while DynamoDB does not answer: the response names the place where the order would be", async () => {
  const counter = await here.start({}, { clients: unlucky });
  const { met } = inflictOnCommits("drop", Number.POSITIVE_INFINITY);
  const answer = order(counter);
  await until(async () => met() > 1);
  await counter.drain();
  const response = await answer;
  expect(response.status).toBe(503);
  expect(response.headers.get("retry-after")).toBe("1");
  expect(response.headers.get("location")).toMatch(/^\/orders\/[0-9a-f-]{36}$/);
  expect(await here.orderIds()).toEqual([]);
});

test("a caller that has gone while DynamoDB does not answer ends the attempts", async () => {
  const placing = here.container({ HINTS: "off" }, unlucky).get(PlaceAndWait);
  const { met } = inflictOnCommits("drop", Number.POSITIVE_INFINITY);
  const gone = new AbortController();
  const request = { items: [{ sku: "americano", quantity: 1 }] };
  const answer = placing.serve({ request, caller: "192.0.2.1", gone: gone.signal });
  await until(async () => met() > 1);
  gone.abort();
  expect(await answer).toMatchObject({ outcome: "given-up" });
  expect(await here.orderIds()).toEqual([]);
});
