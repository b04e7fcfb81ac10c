import { createLogger, WaitingPlaces } from "@doubleshot/service-kit";
import { Waiters } from "@doubleshot/waiting";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { isFinal, type Order } from "../order/order.ts";
import type { WatchOrder } from "../watch-order/watch-order.ts";
import { PlaceAndWait } from "./place-and-wait.ts";
import type { PlaceOrder } from "./place-order.ts";
import type { Placed } from "./place-order-request.ts";

const log = createLogger("orders", "silent");
const request = { items: [{ sku: "americano", quantity: 1 }] };

const orderOf = (id: string, status: Order["status"] = "PLACED"): Order => ({
  ...request,
  id,
  version: 1,
  status,
  placedAt: "2026-01-31T08:00:00.000Z",
});

/** A counter where placing comes out as told. */
function counter(place: (id: string) => Promise<Placed> = async (id) => ({ outcome: "placed", order: orderOf(id) })) {
  const waiters = new Waiters<Order>({ read: async () => [], isFinal, log, sweeps: false });
  const ids: string[] = [];
  const placeOrder: Pick<PlaceOrder, "place"> = {
    place: (_request, id = "") => {
      ids.push(id);
      return place(id);
    },
  };
  const watchOrder: Pick<WatchOrder, "watch"> = { watch: async () => ({ outcome: "unknown" }) };
  const placing = new PlaceAndWait({
    placeOrder,
    waiters,
    places: new WaitingPlaces(10),
    watchOrder,
  });
  const caller = new AbortController();
  const serve = (timeoutMs?: number) => placing.serve({ request, caller: "ada", gone: caller.signal }, timeoutMs);
  return { waiters, caller, serve, complete: () => waiters.observe(orderOf(ids[0] ?? "", "COMPLETED")) };
}

describe("no wait is left", () => {
  test.each<[string, Placed]>([
    ["beyond a limit", { outcome: "limited", by: "rate", retryAfterSeconds: 1 }],
    ["under another's key", { outcome: "key-taken", orderId: "another" }],
    ["given up", { outcome: "given-up", reason: "draining" }],
    ["placed before, and removed since", { outcome: "placed-before", orderId: "order-1" }],
  ])("after an order that was not placed: %s", async (_, placed) => {
    const { serve, waiters } = counter(async () => placed);
    await serve();
    expect(waiters.size).toBe(0);
  });

  test("after an order that could not be placed", async () => {
    const { serve, waiters } = counter(() => Promise.reject(new Error("a bug")));
    await expect(serve()).rejects.toThrow("a bug");
    expect(waiters.size).toBe(0);
  });

  test("when the caller goes", async () => {
    const { serve, caller, waiters } = counter();
    const served = serve();
    await expect.poll(() => waiters.size).toBe(1);
    caller.abort();
    expect(await served).toMatchObject({ outcome: "given-up", reason: "left" });
    expect(waiters.size).toBe(0);
  });

  test("when the caller has gone while the order was placed", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { serve, caller, waiters } = counter(async (id) => {
      await promise;
      return { outcome: "placed", order: orderOf(id) };
    });
    const served = serve();
    caller.abort();
    resolve();
    expect(await served).toMatchObject({ outcome: "given-up", reason: "left" });
    expect(waiters.size).toBe(0);
  });
});

describe("a caller with a time limit", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
  afterEach(() => void vi.useRealTimers());

  test("gets the order as it is when the time is up", async () => {
    const { serve } = counter();
    const served = serve(5_000);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(await served).toMatchObject({ outcome: "timed-out", order: { status: "PLACED" } });
  });

  test("leaves no timer behind when the order is final before", async () => {
    const { serve, complete } = counter();
    const served = serve(5_000);
    await vi.advanceTimersByTimeAsync(0);
    expect(vi.getTimerCount()).toBe(1);
    complete();
    expect(await served).toMatchObject({ outcome: "served" });
    expect(vi.getTimerCount()).toBe(0);
  });
});
