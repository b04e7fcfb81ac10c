import { randomUUID } from "node:crypto";
import { type OpenShop, openShop } from "@doubleshot/dev-shop";
import { afterAll, beforeAll, expect, test } from "vitest";
import { brewing, finish, type OrderJson, order, start } from "./people.fixture.ts";

/** Only the first instance takes messages from the queue. Callers at the others are served by a hint or by the sweep. */
const instances = {
  consumer: {},
  "hint or sweep": { CONSUME: "off" },
  "the sweep alone": { CONSUME: "off", HINTS: "off" },
  "hints alone": { CONSUME: "off", SWEEP: "off" },
} as const;

let shop: OpenShop;
beforeAll(async () => {
  shop = await openShop({ only: ["orders", "barista"], services: { orders: { env: Object.values(instances) } } });
});
afterAll(() => shop?.close());

const names = Object.keys(instances) as (keyof typeof instances)[];
const urlOf = (instance: keyof typeof instances) => shop.services.orders[names.indexOf(instance)]?.url ?? "";
const baristaUrl = () => shop.services.barista[0]?.url ?? "";

test.each(["hint or sweep", "the sweep alone", "hints alone"] as const)(
  "a caller who waits on an instance that does not receive the message is served by %s",
  async (instance) => {
    const customers = ["Ada", "Grace", "Barbara"];
    const waiting = customers.map((name) => order(urlOf(instance), name));
    await brewing(baristaUrl(), customers.length);
    const answers = await Promise.all(waiting);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    const orders = (await Promise.all(answers.map((answer) => answer.json()))) as OrderJson[];
    expect(orders.map(({ name }) => name)).toEqual(customers);
    expect(new Set(orders.map(({ id }) => id)).size).toBe(3);
  },
);

test("a caller who comes back to another instance gets the same order, and its one coffee", async () => {
  const key = randomUUID();
  const gone = new AbortController();
  const first = order(urlOf("hint or sweep"), "Ada", { key, signal: gone.signal }).catch(() => "gone");
  const { order_id } = await start(baristaUrl());
  gone.abort();
  expect(await first).toBe("gone");
  const second = order(urlOf("consumer"), "Ada", { key });
  const third = order(urlOf("hint or sweep"), "Ada", { key });
  await finish(baristaUrl(), order_id);
  for (const answer of await Promise.all([second, third])) {
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ id: order_id, status: "COMPLETED" });
  }
  const nothingWaits = await fetch(`${baristaUrl()}/start/`);
  expect(nothingWaits.status).toBe(204);
});
