import { DeleteCommand } from "@aws-sdk/lib-dynamodb";
import { uuidv7 } from "@doubleshot/messaging";
import { fakeAws } from "@doubleshot/service-host/testing";
import { documentOf } from "@doubleshot/service-kit/testing";
import { expect, test } from "vitest";
import { failingReads } from "../orders.fixture.ts";
import { type Counter, json, useCounters } from "./counter.fixture.ts";

const all = useCounters(fakeAws);

const outage = Object.assign(new Error("no answer"), { name: "TimeoutError", $metadata: {} });

/** A counter whose single reads fail as `failing.error` says, while it says anything. */
async function openFailing() {
  const failing: { error?: Error } = {};
  return { failing, counter: await all.open({}, failingReads(all.shop.clients, failing)) };
}

async function expectMembers(answer: Promise<Response>, status: number, orderId: string): Promise<void> {
  const response = await answer;
  expect([response.url, response.status]).toEqual([response.url, status]);
  expect(await json(response)).toMatchObject({ order_id: orderId, order_url: `/orders/${orderId}` });
}

/** Every operation of the document with an order's id in its path. */
async function routesToOneOrder(counter: Counter) {
  const { paths } = await documentOf(counter.url);
  const routes = Object.entries(paths).filter(([path]) => path.includes("{id}"));
  return routes.flatMap(([path, methods]) => Object.keys(methods).map((method) => ({ path, method })));
}

test("every problem at every route to one order carries its id and URL", async () => {
  const { failing, counter } = await openFailing();
  const routes = await routesToOneOrder(counter);
  expect(routes).toHaveLength(5);
  for (const { path, method } of routes) {
    const at = (id: string) => counter.get(path.replace("{id}", id), {}, { method: method.toUpperCase() });
    const id = uuidv7();
    await expectMembers(at(id), 404, id);
    await expectMembers(at(id.toUpperCase()), 404, id);
    for (const [error, status] of [[outage, 503] as const, [new Error("a bug"), 500] as const]) {
      failing.error = error;
      await expectMembers(at(id), status, id);
    }
    delete failing.error;
    expect(await json(at("latte"))).not.toHaveProperty("order_id");
  }
});

test.each(["/orders", "/order"])("every problem after POST %s has placed an order names the order", async (path) => {
  const { failing, counter } = await openFailing();
  const post = (body: object = {}) => counter.post(path, { "idempotency-key": "k", prefer: "wait=0" }, body);
  const id = String((await json(post())).id);
  await expectMembers(post({ name: "Eve" }), 422, id);
  for (const [error, status] of [[outage, 503] as const, [new Error("a bug"), 500] as const]) {
    failing.error = error;
    await expectMembers(post(), status, id);
  }
  delete failing.error;
  await all.shop.clients.documents.send(new DeleteCommand({ TableName: all.shop.table("orders"), Key: { id } }));
  await expectMembers(post(), 410, id);
  expect(await json(counter.post(path, {}, []))).not.toHaveProperty("order_id");
});

test("the document describes both members", async () => {
  const { components } = await documentOf((await all.open()).url);
  expect(components.schemas.Problem?.properties).toMatchObject({ order_id: {}, order_url: {}, detail: {} });
});
