import { type OpenShop, openShop } from "@doubleshot/dev-shop";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { type BaristaOptions, ClaimLostError, createBarista, type Order, type Trouble } from "./index.ts";

let shop: OpenShop;
beforeAll(async () => {
  shop = await openShop({ only: ["orders", "barista"], services: { barista: { count: 2 } } });
});
afterAll(() => shop?.close());

/** In each, every process of the bar is killed. */
const rounds = 2;
const until = { interval: 20 };
const counter = () => shop.services.orders[0]?.url ?? "";
const bar = () => shop.services.barista.map(({ url }) => url);

/** A customer who waits for their order. */
async function order(name: string): Promise<{ id: string; name: string; status: string; result?: unknown }> {
  const response = await fetch(`${counter()}/order/`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ name }),
  });
  expect(response.status).toBe(200);
  return (await response.json()) as { id: string; name: string; status: string };
}

/** How many have come to the bar, at all its instances. */
async function signsOfLife(): Promise<number> {
  const shown = await Promise.all(bar().map(async (url) => (await fetch(`${url}/metrics`)).text()));
  return shown
    .map((text) => Number(/^barista_ticket_changes_total\{what="extended"\} (\d+)$/m.exec(text)?.[1]))
    .reduce((sum, count) => sum + count);
}

/** A worker until the test ends, and what it has told. */
function hire(options: Partial<BaristaOptions> & Pick<BaristaOptions, "brew">) {
  const stop = new AbortController();
  const taken: Order[] = [];
  const finished: Order[] = [];
  const troubles: Trouble[] = [];
  const barista = createBarista({
    url: bar(),
    signal: stop.signal,
    // The claim of a worker that leaves while it asks lapses with its lease, and the next test would wait for it.
    leaseSeconds: 5,
    events: {
      taken: (each) => void taken.push(each),
      finished: (each) => void finished.push(each),
      trouble: (each) => void troubles.push(each),
    },
    ...options,
  });
  const leave = async () => {
    stop.abort();
    await barista.closed;
  };
  onTestFinished(leave);
  return { stop, closed: barista.closed, leave, taken, finished, troubles };
}

test("the results of a worker reach the waiting customers, several at a time", async () => {
  const inHand = { now: 0, max: 0 };
  const worker = hire({
    concurrency: 3,
    brew: async ({ name }) => {
      inHand.max = Math.max(inHand.max, ++inHand.now);
      if (inHand.max < 3) await expect.poll(() => inHand.max, until).toBe(3);
      inHand.now -= 1;
      return { for: name };
    },
  });
  const names = ["Ada", "Grace", "Barbara", "Radia", "Zoë ☕"];
  const served = await Promise.all(names.map(order));
  expect(served.map(({ result }) => result)).toEqual(names.map((name) => ({ for: name })));
  expect(inHand.max).toBe(3);
  await worker.leave();
  expect(worker.finished).toHaveLength(5);
  expect(worker.troubles).toEqual([]);
});

test("work that takes longer than the lease stays with its worker", async () => {
  const before = await signsOfLife();
  // Three come in the time of a lease, so without them it would have ended twice. A second would be lost on a busy machine.
  const brew = async () => {
    // They come a second apart, and each look is a request to every instance.
    await expect.poll(signsOfLife, { interval: 250 }).toBeGreaterThan(before + 6);
    return "slow";
  };
  const worker = hire({ brew, leaseSeconds: 4 });
  const other = hire({ brew, leaseSeconds: 4 });
  expect(await order("Ada")).toMatchObject({ result: "slow" });
  expect(worker.taken.length + other.taken.length).toBe(1);
});

test("a bar killed in the middle, again and again, loses no order and no result", async () => {
  const worker = hire({ concurrency: 4, brew: ({ name }) => `for ${name}` });
  const names = Array.from({ length: 20 * rounds }, (_, index) => `customer ${index}`);
  const served = Promise.all(names.map(order));
  for (const [kills, process] of Array(rounds).fill(shop.services.barista).flat().entries()) {
    await expect.poll(() => worker.finished.length, until).toBeGreaterThan(kills * 5);
    await process.kill();
  }
  expect((await served).map(({ result }) => result)).toEqual(names.map((name) => `for ${name}`));
  await Promise.all(shop.services.barista.map((process) => process.up()));
});

test("an order whose worker fails goes to another attempt", async () => {
  let attempts = 0;
  const worker = hire({
    brew: () => {
      attempts += 1;
      if (attempts < 3) throw new Error("the milk is off");
      return attempts;
    },
  });
  expect(await order("Ada")).toMatchObject({ result: 3 });
  expect(worker.troubles.map(({ kind }) => kind)).toEqual(["brew", "brew"]);
});

test("stopping lets the work in hand be finished, and takes no more", async () => {
  const go = Promise.withResolvers<void>();
  const worker = hire({ brew: () => go.promise });
  const first = order("Ada");
  await expect.poll(() => worker.taken.length, until).toBe(1);
  const second = order("Grace");
  worker.stop.abort();
  go.resolve();
  await worker.closed;
  expect(await first).toMatchObject({ name: "Ada", status: "COMPLETED" });
  expect(worker.taken).toHaveLength(1);
  hire({ brew: () => undefined });
  expect(await second).toMatchObject({ name: "Grace" });
});

test("stopping while there is nothing to do takes no time to wait for", async () => {
  const worker = hire({ brew: () => undefined, concurrency: 5 });
  await worker.leave();
  expect(worker.taken).toEqual([]);
});

test("a worker whose order somebody else has finished is told, and its result is not taken", async () => {
  const claimed = Promise.withResolvers<Order>();
  const lost = Promise.withResolvers<unknown>();
  const worker = hire({
    leaseSeconds: 1,
    brew: async (taken, { signal }) => {
      claimed.resolve(taken);
      await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
      lost.resolve(signal.reason);
      return "too late";
    },
  });
  const served = order("Ada");
  const { orderId } = await claimed.promise;
  worker.stop.abort();
  // Somebody who names the order finishes it at the bar: the claim is over.
  expect((await fetch(`${bar()[0]}/finish/?order_id=${orderId}`, { method: "POST" })).status).toBe(200);
  expect(await lost.promise).toBeInstanceOf(ClaimLostError);
  expect(await served).not.toHaveProperty("result");
  await worker.closed;
  expect(worker.troubles.filter(({ kind }) => kind === "lost")).toHaveLength(0);
});

test("abandoning lets go of the work in hand at once, and somebody else gets the order", async () => {
  const abandon = new AbortController();
  const reason = Promise.withResolvers<unknown>();
  const worker = hire({
    leaseSeconds: 1,
    abandon: abandon.signal,
    brew: async (_order, { signal }) => {
      await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
      reason.resolve(signal.reason);
    },
  });
  const served = order("Ada");
  await expect.poll(() => worker.taken.length, until).toBe(1);
  worker.stop.abort();
  abandon.abort();
  await worker.closed;
  expect(await reason.promise).toBeInstanceOf(ClaimLostError);
  expect(worker.finished).toEqual([]);
  hire({ brew: () => "by another" });
  expect(await served).toMatchObject({ result: "by another" });
});

test("a result that the bar refuses is reported, and the order given back", async () => {
  let attempts = 0;
  const worker = hire({ brew: () => (++attempts === 1 ? "x".repeat(20_000) : "short") });
  expect(await order("Ada")).toMatchObject({ result: "short" });
  expect(worker.troubles.map(({ kind }) => kind)).toEqual(["refused"]);
});

test.each([
  ["a bigint", { cents: 10n }],
  ["NaN", [Number.NaN]],
  ["a function", () => 10],
  ["a Map", new Map([["cents", 10]])],
  ["undefined inside", { cents: undefined }],
])("a result that JSON cannot hold (%s) is reported, and the order given back", async (_, result) => {
  let attempts = 0;
  const worker = hire({ brew: () => (++attempts === 1 ? result : { cents: 10 }) });
  expect(await order("Ada")).toMatchObject({ result: { cents: 10 } });
  expect(worker.troubles.map(({ kind }) => kind)).toEqual(["brew"]);
  await worker.leave();
});

test.each([
  [null],
  [""],
  [[0, 0.1, -1.5, 0.1 + 0.2, 1e-200, 5e-324, 1e300, Number.MAX_VALUE, Number.MAX_SAFE_INTEGER, 2 ** 70]],
  [
    {
      constructor: 1,
      toString: { prototype: [] },
      hasOwnProperty: null,
      0: "zero",
      "": {},
      "a/b~c d": "\u0000\u007f\ufffe",
    },
  ],
  [JSON.parse("[".repeat(20) + "]".repeat(20))],
  [{ "☕ é ": "👩‍🍳", S: { N: "1" }, M: { NULL: true }, " ": " " }],
])("a result reaches the customer as it was made: %j", async (result) => {
  const worker = hire({ brew: () => result });
  expect(Object.entries(await order("Ada"))).toContainEqual(["result", result]);
  expect(worker.troubles).toEqual([]);
  await worker.leave();
});
