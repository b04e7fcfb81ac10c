import { createLogger, TokenBuckets } from "@doubleshot/service-kit";
import { expect, test } from "vitest";
import { Admission } from "./admission.ts";
import { OpenOrderLimit } from "./open-order-limit.ts";
import type { OrderStore } from "./order/order-store.ts";
import type { CommitOrder, CommittedOrder } from "./place-order/commit-order.ts";
import { PlaceOrder } from "./place-order/place-order.ts";

const log = createLogger("orders", "silent");
const store = { openFor: async () => [] } as unknown as OrderStore;
const items = [{ sku: "americano", quantity: 1 }];
const request = { request: { items }, caller: "ada", gone: new AbortController().signal };
const order = { id: "order-1", version: 1, status: "PLACED", items, placedAt: "2026-01-31T08:00:00.000Z" } as const;
const placed: CommittedOrder = { outcome: "placed", order };

/** Admission and placing on a clock that stands still. The test decides how each commit ends. */
function counter({ burst = 1_000, maxOpen = 1_000 }) {
  const state: { commit: () => Promise<CommittedOrder> } = { commit: async () => placed };
  const commitOrder: Pick<CommitOrder, "commit" | "find" | "drain"> = {
    commit: () => state.commit(),
    find: async () => undefined,
    drain: async () => undefined,
  };
  const metrics = { became: () => undefined, limited: () => undefined };
  const admission = new Admission({
    metrics,
    buckets: new TokenBuckets({ burst, perSecond: 1 }, () => 0),
    openOrderLimit: new OpenOrderLimit({ store, log, maxOpen, now: () => 0 }),
  });
  const placeOrder = new PlaceOrder({ commitOrder, admission });
  return { state, admission, place: () => placeOrder.place(request) };
}

test("an order that is placed takes one of its caller's tokens, and a place among their open orders", async () => {
  const { place, admission } = counter({ burst: 3, maxOpen: 2 });
  expect(await place()).toBe(placed);
  expect(admission.quota("ada").left).toBe(2);
  expect(await place()).toBe(placed);
  expect(await place()).toMatchObject({ outcome: "limited", by: "open-orders" });
});

test.each<[string, () => Promise<CommittedOrder>]>([
  ["its key belongs to another request", async () => ({ outcome: "key-taken", orderId: "another" })],
  ["its key has placed it before", async () => ({ outcome: "placed-before", orderId: "order-1" })],
  ["its caller has gone", async () => ({ outcome: "given-up", reason: "left" })],
  ["its commit fails", async () => Promise.reject(new Error("a bug"))],
])("an order that is not placed, because %s, takes no token and no place", async (_, commit) => {
  const { place, admission, state } = counter({ burst: 2, maxOpen: 1 });
  state.commit = commit;
  for (let n = 0; n < 50; n++) await place().catch(() => undefined);
  expect(admission.quota("ada").left).toBe(2);
  state.commit = async () => placed;
  expect(await place()).toBe(placed);
});

test("a caller may place further orders one after another without limit", async () => {
  const { place } = counter({});
  for (let n = 0; n < 50; n++) expect(await place()).toBe(placed);
});
