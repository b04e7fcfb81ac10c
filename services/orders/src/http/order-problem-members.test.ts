import { DeleteCommand } from "@aws-sdk/lib-dynamodb";
import { describeProblemMembers, failingReads, fakeAws } from "@doubleshot/service-host/testing";
import { coffeeShop } from "@doubleshot/shop";
import { expect, test } from "vitest";
import { ordersService } from "../service.ts";
import { json, useCounters } from "./counter.fixture.ts";

const members = (id: string) => ({ order_id: id, order_url: `/orders/${id}` });

describeProblemMembers(coffeeShop.services.orders, ordersService, { parameter: "id", of: members });

const all = useCounters(fakeAws);

const outage = Object.assign(new Error("no answer"), { name: "TimeoutError", $metadata: {} });

/** A counter whose single reads fail with `failing.error` while it is set. */
async function openFailing() {
  const failing: { error?: Error } = {};
  return { failing, counter: await all.open({}, failingReads(all.shop.clients, failing)) };
}

async function expectMembers(answer: Promise<Response>, status: number, orderId: string): Promise<void> {
  const response = await answer;
  expect([response.url, response.status]).toEqual([response.url, status]);
  expect(await json(response)).toMatchObject(members(orderId));
}

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
