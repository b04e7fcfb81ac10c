import { CommitOutcomeUnknown, type Outbox } from "@doubleshot/messaging";
import { createLogger } from "@doubleshot/service-kit";
import { NoHints } from "@doubleshot/waiting";
import { expect, test } from "vitest";
import { Completions } from "../completions.ts";
import { isFinal, type Order } from "../order/order.ts";
import type { OrderStore } from "../order/order-store.ts";
import { WaitingPlaces } from "../waiting-places.ts";
import { WatchOrder } from "./watch-order.ts";

const log = createLogger("orders", "silent");
const placed: Order = {
  id: "order-1",
  version: 1,
  status: "PLACED",
  items: [],
  placedAt: "2026-01-31T08:30:00.000Z",
};

/** An order, and a table that takes no entry of who watches it. */
function watching(trouble: Error, signal?: AbortSignal) {
  const store = { get: async () => placed, save: () => ({}) } as unknown as OrderStore;
  const outbox = { commit: () => Promise.reject(trouble) } as unknown as Outbox;
  const completions = new Completions({ store, log, sweep: false });
  const hints = Object.assign(new NoHints(), { address: "mailbox-1" });
  const gone = new AbortController();
  const watch = new WatchOrder({ outbox, store, completions, places: new WaitingPlaces(10), hints, log }).watch({
    orderId: placed.id,
    until: isFinal,
    gone: signal ?? gone.signal,
  });
  return { completions, gone, watch };
}

test("who cannot be entered with an order waits all the same: the sweep stands in for the hints", async () => {
  const { completions, watch } = watching(new CommitOutcomeUnknown(new Error("no answer")));
  completions.seen({ ...placed, version: 2, status: "COMPLETED" });
  expect(await watch).toMatchObject({ outcome: "seen", order: { status: "COMPLETED" } });
});

test.each<[string, (leave: () => void) => unknown]>([
  ["before they are entered", (leave) => leave()],
  ["when they have been entered", (leave) => setImmediate(leave)],
])("who goes %s waits no longer", async (_, when) => {
  const { completions, gone, watch } = watching(new CommitOutcomeUnknown(new Error("no answer")));
  when(() => gone.abort());
  expect(await watch).toEqual({ outcome: "given up", reason: "left" });
  expect(completions.waiting).toBe(0);
});

test("who has gone before they ask is not waited for", async () => {
  const { completions, watch } = watching(new CommitOutcomeUnknown(new Error("no answer")), AbortSignal.abort());
  expect(await watch).toEqual({ outcome: "given up", reason: "left" });
  expect(completions.waiting).toBe(0);
});

test("what is no outage is thrown, and nobody waits", async () => {
  const bug = new TypeError("a bug");
  const { completions, watch } = watching(bug);
  await expect(watch).rejects.toBe(bug);
  expect(completions.waiting).toBe(0);
});
