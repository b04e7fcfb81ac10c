import { randomUUID } from "node:crypto";
import { type OpenShop, openShop } from "@doubleshot/dev-shop";
import { afterEach, describe, expect, test } from "vitest";
import { brewing, finish, type OrderJson, order, start } from "./people.fixture.ts";

let shop: OpenShop;
afterEach(() => shop?.close());

const url = (n: number) => shop.services.orders[n]?.url ?? "";

/** Two instances, of which only the second takes messages from the queue: whoever waits at the first is told by it. */
function openTwo(env: Record<string, string> = {}) {
  return openShop({ services: { orders: { env: [{ CONSUME: "off", ...env }, env] } } });
}

describe("a caller who waits on the instance that does not receive the message", () => {
  test.each([
    ["by hint or sweep", {}],
    ["by the sweep alone", { HINTS: "off" }],
    ["by hints alone", { SWEEP: "off" }],
  ])("is served, %s", async (_, env) => {
    shop = await openTwo(env);
    const names = ["Ada", "Grace", "Barbara"];
    const waiting = names.map((name) => order(url(0), name));
    await brewing(shop.services.barista[0]?.url ?? "", names.length);
    const answers = await Promise.all(waiting);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    const orders = (await Promise.all(answers.map((answer) => answer.json()))) as OrderJson[];
    expect(orders.map(({ name }) => name)).toEqual(names);
    expect(new Set(orders.map(({ id }) => id)).size).toBe(3);
  });
});

test("a caller who comes back to another instance gets the same order, and its one coffee", async () => {
  shop = await openTwo();
  const key = randomUUID();
  const gone = new AbortController();
  const first = order(url(0), "Ada", { key, signal: gone.signal }).catch(() => "gone");
  const { order_id } = await start(shop.services.barista[0]?.url ?? "");
  gone.abort();
  expect(await first).toBe("gone");
  const second = order(url(1), "Ada", { key });
  const third = order(url(0), "Ada", { key });
  await finish(shop.services.barista[0]?.url ?? "", order_id);
  for (const answer of await Promise.all([second, third])) {
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ id: order_id, status: "COMPLETED" });
  }
  const nothingWaits = await fetch(`${shop.services.barista[0]?.url}/start/`);
  expect(nothingWaits.status).toBe(204);
});
