import { host } from "@doubleshot/service-host";
import { useLocalAws } from "@doubleshot/service-host/testing";
import { describe, expect, onTestFinished, test } from "vitest";
import { type OpenBar, openBar, queueOrders, realClock, StoppedClock, ticketOf } from "../bar-instance.fixture.ts";
import { useBarista } from "../barista-service.fixture.ts";
import { subjectOf } from "../ticket/ticket.ts";

const service = useBarista(useLocalAws());

const clock = realClock;
const waitMs = 30_000;
const here = new AbortController().signal;

/** A barista who waits; resolves when the bar knows of them, with what they will get. */
async function waiting(bar: OpenBar, request: { gone?: AbortSignal } = {}) {
  const claimed = bar.claims.claim({ gone: here, waitMs, ...request }).then(ticketOf);
  await expect.poll(() => bar.claims.waiting).toBe(1);
  return { claimed };
}

/** An instance that hears of the others, until the test ends. */
async function openTold(bar: string) {
  const instance = openBar(service, { bar, clock, hints: true });
  await instance.hints.start();
  onTestFinished(() => instance.hints.drain());
  return instance;
}

/** As if hints of new tickets and the sweep did not exist: the test is about the other ways to wake. */
const deaf = (bar: OpenBar) => {
  bar.lapses.untilNext = () => new Promise(() => undefined);
  return bar;
};

describe("a waiting barista gets", () => {
  test("an order that comes to this instance", async () => {
    const bar = deaf(openBar(service, { bar: "wait-here", clock }));
    const { claimed } = await waiting(bar);
    const [id] = await queueOrders(service, bar, { clock, count: 1 });
    expect((await claimed)?.id).toBe(id);
  });

  test("an order that comes to another instance, by its hint", async () => {
    const one = deaf(await openTold("wait-hint"));
    const other = await openTold("wait-hint");
    const { claimed } = await waiting(one);
    const [id] = await queueOrders(service, other, { clock, count: 1 });
    expect((await claimed)?.id).toBe(id);
  });

  test("an order without a hint, by the sweep", async () => {
    const bar = openBar(service, { bar: "wait-sweep", clock });
    const other = openBar(service, { bar: "wait-sweep", clock });
    const { claimed } = await waiting(bar);
    const [id] = await queueOrders(service, other, { clock, count: 1 });
    expect((await claimed)?.id).toBe(id);
  });

  test("an order that another barista gives back", async () => {
    const bar = deaf(openBar(service, { bar: "wait-release", clock }));
    const [id = ""] = await queueOrders(service, bar, { clock, count: 1 });
    const first = await bar.claim();
    const { claimed } = await waiting(bar);
    await bar.releases.release({ orderId: id, token: first?.claim.token ?? "" });
    expect((await claimed)?.id).toBe(id);
  });

  test("an order whose lease ends meanwhile", async () => {
    const bar = openBar(service, { bar: "wait-lapse", clock, leaseSeconds: 1 });
    const [id] = await queueOrders(service, bar, { clock, count: 1 });
    const first = await bar.claim();
    const again = await bar.claims.claim({ gone: here, waitMs }).then(ticketOf);
    expect(again?.id).toBe(id);
    expect(again?.claim.token).not.toBe(first?.claim.token);
    // Not before the lease has ended, and not a whole sweep later.
    const late = Date.parse(again?.claim.startedAt ?? "") - Date.parse(first?.claim.leaseExpiresAt ?? "");
    expect(late).toBeGreaterThanOrEqual(0);
  });

  test("a new order that the index does not show yet", async () => {
    const bar = deaf(openBar(service, { bar: "wait-index", clock }));
    const { claimed } = await waiting(bar);
    bar.store.waiting = async () => ({ tickets: [] });
    const [id] = await queueOrders(service, bar, { clock, count: 1 });
    expect((await claimed)?.id).toBe(id);
  });
});

test("a waiting barista is served again when the next lease ends, however soon that is", async () => {
  const bar = openBar(service, { bar: "wait-soon", clock });
  bar.lapses.untilNext = async () => 1;
  let looks = 0;
  const read = bar.store.waiting.bind(bar.store);
  bar.store.waiting = (...page) => {
    looks += 1;
    return read(...page);
  };
  const { claimed } = await waiting(bar);
  // The sweep alone would look every other second.
  await expect.poll(() => looks).toBeGreaterThan(50);
  bar.claims.close();
  await claimed;
});

test("an order that a used token has no use for goes to the next one in the same round", async () => {
  const stopped = new StoppedClock();
  const bar = deaf(openBar(service, { bar: "wait-put-back", clock: stopped }));
  const other = openBar(service, { bar: "wait-put-back", clock: stopped });
  const as = { token: crypto.randomUUID(), leaseSeconds: 600 };
  await queueOrders(service, other, { clock: stopped, count: 1 });
  await other.claims.claim({ gone: here, as });
  const { claimed } = await waiting(bar);
  const again = bar.claims.claim({ gone: here, waitMs, as });
  await expect.poll(() => bar.claims.waiting).toBe(2);

  const [first = "", second] = await queueOrders(service, other, { clock: stopped, count: 2 });
  const line = await bar.store.waiting("wait-put-back", { limit: 10 });
  await other.claim();
  bar.store.waiting = async () => line;
  const outbox = bar.container.get(host.outbox);
  const commit = outbox.commit.bind(outbox);
  // The claim of the first order is lost only after the other barista has put the second one back.
  outbox.commit = (async (...args: Parameters<typeof commit>) => {
    if ("aggregate" in args[0] && args[0].aggregate === subjectOf(first)) await again;
    return commit(...args);
  }) as typeof commit;
  for (const ticket of line.tickets.slice(0, 1)) bar.notifier.changed({ outcome: "queued", ticket });
  expect(await again).toMatchObject({ outcome: "token-used" });
  expect((await claimed)?.id).toBe(second);
});

test("each of many waiting baristas gets another order, and the rest go on waiting", async () => {
  const bar = deaf(openBar(service, { bar: "wait-many", clock }));
  const claimed: (string | undefined)[] = [];
  const asked = Array.from({ length: 8 }, () =>
    bar.claims.claim({ gone: here, waitMs }).then((each) => claimed.push(ticketOf(each)?.id)),
  );
  await expect.poll(() => bar.claims.waiting).toBe(8);
  const ids = await queueOrders(service, bar, { clock, count: 5 });
  await expect.poll(() => claimed).toHaveLength(5);
  expect(claimed.toSorted()).toEqual(ids.toSorted());
  // The three may still be reading the line, and wait again when they find it empty.
  await expect.poll(() => bar.claims.waiting).toBe(3);
  bar.claims.close();
  await Promise.all(asked);
});

describe("a waiting barista is answered with nothing", () => {
  test("when its time is up", async () => {
    const bar = openBar(service, { bar: "wait-up", clock });
    expect(await bar.claims.claim({ gone: here, waitMs: 30 })).toEqual({ outcome: "nothing" });
    expect(bar.claims.waiting).toBe(0);
  });

  test("when the bar closes, and none can wait there any more", async () => {
    const bar = openBar(service, { bar: "wait-close", clock });
    const { claimed } = await waiting(bar);
    bar.claims.close();
    expect(await claimed).toBeUndefined();
    const late = await bar.claims.claim({ gone: here, waitMs });
    expect(late).toEqual({ outcome: "turned-away", reason: "closing" });
  });

  test("when it has gone, and gets no order after that", async () => {
    const bar = deaf(openBar(service, { bar: "wait-gone", clock }));
    const gone = new AbortController();
    const { claimed } = await waiting(bar, { gone: gone.signal });
    gone.abort();
    expect(await claimed).toBeUndefined();
    const [id] = await queueOrders(service, bar, { clock, count: 1 });
    expect((await bar.claim())?.id).toBe(id);
  });
});

test("an order that comes while the line is being read is not missed", async () => {
  const bar = deaf(openBar(service, { bar: "wait-meanwhile", clock: new StoppedClock() }));
  const read = bar.store.waiting.bind(bar.store);
  const reading = Promise.withResolvers<void>();
  const readOn = Promise.withResolvers<void>();
  bar.store.waiting = async (...page) => {
    const line = await read(...page);
    reading.resolve();
    await readOn.promise;
    return line;
  };
  const claimed = bar.claims.claim({ gone: here, waitMs });
  await reading.promise;
  const [id] = await queueOrders(service, bar, { clock: new StoppedClock(), count: 1 });
  readOn.resolve();
  expect(ticketOf(await claimed)?.id).toBe(id);
});
