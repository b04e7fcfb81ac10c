import { CommitOutcomeUnknownError } from "@doubleshot/messaging";
import { createLogger, WaitingPlaces } from "@doubleshot/service-kit";
import { NoHints, Waiters } from "@doubleshot/waiting";
import { expect, test } from "vitest";
import { isFinal, type Order } from "../order/order.ts";
import type { OrderAggregates } from "../order/order-aggregates.ts";
import type { OrderStore } from "../order/order-store.ts";
import { WatchOrder } from "./watch-order.ts";

const log = createLogger("orders", "silent");
const placed: Order = {
  id: "order-1",
  version: 1,
  status: "PLACED",
  items: [],
  placedAt: "2026-01-31T08:30:00.000Z",
};

/** An order whose watchers cannot be written. */
function watching(error: Error, signal?: AbortSignal) {
  const store: Pick<OrderStore, "get"> = { get: async () => placed };
  const orders: Pick<OrderAggregates, "change"> = { change: () => Promise.reject(error) };
  const waiters = new Waiters<Order>({ read: async () => [], isFinal, log, sweeps: false });
  const hints = Object.assign(new NoHints(), { instanceId: "mailbox-1" });
  const gone = new AbortController();
  const watch = new WatchOrder({ orders, store, waiters, places: new WaitingPlaces(10), hints, log }).watch({
    orderId: placed.id,
    until: isFinal,
    gone: signal ?? gone.signal,
  });
  return { waiters, gone, watch };
}

test("a caller whose instance cannot register waits all the same: the sweep stands in for the hints", async () => {
  const { waiters, watch } = watching(new CommitOutcomeUnknownError(new Error("no answer")));
  waiters.observe({ ...placed, version: 2, status: "COMPLETED" });
  expect(await watch).toMatchObject({ outcome: "reached", order: { status: "COMPLETED" } });
});

test.each<[string, (leave: () => void) => unknown]>([
  ["before its instance registers", (leave) => leave()],
  ["after its instance has tried to register", (leave) => setImmediate(leave)],
])("a caller that goes %s waits no longer", async (_, when) => {
  const { waiters, gone, watch } = watching(new CommitOutcomeUnknownError(new Error("no answer")));
  when(() => gone.abort());
  expect(await watch).toEqual({ outcome: "given-up", reason: "left" });
  expect(waiters.size).toBe(0);
});

test("a caller that has gone before the wait has none", async () => {
  const { waiters, watch } = watching(new CommitOutcomeUnknownError(new Error("no answer")), AbortSignal.abort());
  expect(await watch).toEqual({ outcome: "given-up", reason: "left" });
  expect(waiters.size).toBe(0);
});

test("an error that is no outage is thrown, and ends the wait", async () => {
  const bug = new TypeError("a bug");
  const { waiters, watch } = watching(bug);
  await expect(watch).rejects.toBe(bug);
  expect(waiters.size).toBe(0);
});
