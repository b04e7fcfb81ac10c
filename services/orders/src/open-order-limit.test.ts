import { createLogger } from "@doubleshot/service-kit";
import { entriesWalked } from "@doubleshot/service-kit/testing";
import { expect, test } from "vitest";
import { OpenOrderLimit } from "./open-order-limit.ts";
import type { OrderStore } from "./order/order-store.ts";

const log = createLogger("orders", "silent");

/** A table whose index the test lays out. */
function shop(maxOpen = 100) {
  const shown: string[] = [];
  const state = { time: 0, counts: 0, out: false };
  const store = {
    openFor: async () => {
      state.counts += 1;
      if (state.out) throw new Error("out of order");
      return [...shown];
    },
  } as unknown as OrderStore;
  const orders = new OpenOrderLimit({ store, log, maxOpen, now: () => state.time });
  return { shown, state, orders };
}

test("turns go up with each open order of a caller, before the index shows any of them", async () => {
  const { orders, state } = shop();
  expect(await Promise.all(["a", "b", "c"].map((id) => orders.begin("ada", id)))).toEqual([1, 2, 3]);
  expect(await orders.begin("bob", "d")).toBe(1);
  expect(state.counts).toBe(2);
});

test("orders that the index shows are counted once, wherever they were begun", async () => {
  const { orders, shown, state } = shop();
  await orders.begin("ada", "a");
  shown.push("a", "begun elsewhere");
  state.time += 300;
  expect(await orders.begin("ada", "b")).toBe(3);
});

test("an order that the index is late to show counts all the same", async () => {
  const { orders, state } = shop();
  await orders.begin("ada", "a");
  state.time += 300;
  await orders.begin("ada", "b");
  state.time += 300;
  expect(await orders.begin("ada", "c")).toBe(3);
});

test("an order that is done makes room as soon as the index and its lag allow", async () => {
  const { orders, state } = shop(1);
  expect(await orders.begin("ada", "a")).toBe(1);
  expect(await orders.begin("ada", "b")).toBeUndefined();
  state.time += 2_500;
  expect(await orders.begin("ada", "c")).toBe(1);
});

test("one that did not come about makes room at once", async () => {
  const { orders } = shop(1);
  await orders.begin("ada", "a");
  orders.forget("ada", "a");
  expect(await orders.begin("ada", "b")).toBe(1);
});

test("of many at once twenty are placed side by side, the next ones as those are placed", async () => {
  const { orders } = shop();
  const turns: (number | undefined)[] = [];
  const all = Array.from({ length: 50 }, (_, n) => orders.begin("ada", `${n}`).then((turn) => turns.push(turn)));
  await Promise.all(all.slice(0, 20));
  expect(turns).toHaveLength(20);
  for (let n = 0; n < 50; n++) orders.placed("ada");
  await Promise.all(all);
  expect(new Set(turns).size).toBe(50);
});

test("a waiting order gets its turn, however many other callers arrive", async () => {
  const { orders } = shop();
  const turns: (number | undefined)[] = [];
  const group = Array.from({ length: 30 }, (_, n) => orders.begin("ada", `${n}`).then((turn) => turns.push(turn)));
  await Promise.all(group.slice(0, 20));
  for (let n = 0; n <= 10_000; n++) {
    await orders.begin(`caller ${n}`, `of ${n}`);
    orders.placed(`caller ${n}`);
  }
  for (let n = 0; n < 10; n++) orders.placed("ada");
  await expect.poll(() => turns).toHaveLength(30);
});

test("a newcomer costs the same few steps, however many callers place orders at this moment", async () => {
  const { orders } = shop();
  const begin = async (name: string, count: number) => {
    for (let n = 0; n < count; n++) await orders.begin(`${name} ${n}`, `of ${name} ${n}`);
  };
  await begin("slow", 10_000);
  expect(await entriesWalked(() => begin("newcomer", 50))).toBeLessThanOrEqual(500);
});

test("an index that cannot be read refuses nobody", async () => {
  const { orders, state } = shop();
  state.out = true;
  expect(await orders.begin("ada", "a")).toBe(1);
});
