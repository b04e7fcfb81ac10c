import { fakeAws } from "@doubleshot/service-host/testing";
import { expect, test } from "vitest";
import { openBar, queueOrders, StoppedClock, storedRows } from "../bar-instance.fixture.ts";
import { useBarista } from "../barista-service.fixture.ts";

const service = useBarista(fakeAws);

test("a ticket whose barista never came back is claimed again, before younger ones", async () => {
  const clock = new StoppedClock();
  const bar = openBar(service, { bar: "lapsed", clock, leaseSeconds: 10 });
  const [first, second] = await queueOrders(service, bar, { clock, count: 2 });
  const lost = await bar.claim();
  expect(lost?.id).toBe(first);
  clock.pass(10.001);
  const again = await bar.claim();
  expect(again?.id).toBe(first);
  expect(again?.claim.token).not.toBe(lost?.claim.token);
  expect((await bar.claim())?.id).toBe(second);
  expect((await storedRows(service, first ?? "")).news).toHaveLength(2);
});

test("a lease that still runs is left alone", async () => {
  const clock = new StoppedClock();
  const bar = openBar(service, { bar: "running", clock, leaseSeconds: 10 });
  await queueOrders(service, bar, { clock, count: 1 });
  await bar.claim();
  clock.pass(9.999);
  expect(await bar.claim()).toBeUndefined();
});

test("a process checks the leases once a second, however many baristas ask", async () => {
  const clock = new StoppedClock();
  const bar = openBar(service, { bar: "looks", clock });
  let looks = 0;
  const read = bar.store.lapsed.bind(bar.store);
  bar.store.lapsed = (...which) => {
    looks += 1;
    return read(...which);
  };
  for (const seconds of [0, 0.5, 0.499, 0.001, 0.999]) {
    clock.pass(seconds);
    await bar.claim();
  }
  expect(looks).toBe(2);
});

test("a clock that is set back does not stop the checks until it has caught up", async () => {
  const clock = new StoppedClock();
  const bar = openBar(service, { bar: "set-back", clock, leaseSeconds: 10 });
  const [id] = await queueOrders(service, bar, { clock, count: 1 });
  clock.pass(3_600);
  expect(await bar.lapses.ifDue()).toBe(0);
  clock.pass(-3_600);
  await bar.claim();
  clock.pass(11);
  expect((await bar.claim())?.id).toBe(id);
});

test("two processes that find the same lapsed lease return it once", async () => {
  const clock = new StoppedClock();
  const one = openBar(service, { bar: "twice", clock });
  const other = openBar(service, { bar: "twice", clock });
  const ids = await queueOrders(service, one, { clock, count: 5 });
  for (const _ of ids) await one.claim();
  clock.pass(60);
  await Promise.all([one.lapses.ifDue(), other.lapses.ifDue()]);
  for (const id of ids) expect(await one.store.get(id)).toMatchObject({ status: "QUEUED", version: 3 });
});

test("a lease that was read as lapsed, but is another one by now, is not ended", async () => {
  const clock = new StoppedClock();
  const bar = openBar(service, { bar: "seen-late", clock });
  await queueOrders(service, bar, { clock, count: 1 });
  await bar.claim();
  clock.pass(60);
  const seen = await bar.store.lapsed("seen-late", clock.now(), 10);
  expect(seen).toHaveLength(1);
  const second = await bar.claim();
  bar.store.lapsed = () => Promise.resolve(seen);
  clock.pass(2);
  expect(await bar.lapses.ifDue()).toBe(0);
  expect(await bar.store.get(second?.id ?? "")).toMatchObject({ status: "STARTED", claim: second?.claim });
});

test("more lapsed leases than one check returns are all returned", async () => {
  const clock = new StoppedClock();
  const bar = openBar(service, { bar: "many", clock });
  await queueOrders(service, bar, { clock, count: 103 });
  const all = Array.from({ length: 103 }, () => bar.claim());
  await Promise.all(all);
  clock.pass(60);
  expect([await bar.lapses.ifDue(), await bar.lapses.ifDue()]).toEqual([100, 3]);
});

test("a check of the leases that fails also fails its claims, and no later ones", async () => {
  const clock = new StoppedClock();
  const bar = openBar(service, { bar: "no-look", clock });
  const [id] = await queueOrders(service, bar, { clock, count: 1 });
  const read = bar.store.lapsed.bind(bar.store);
  bar.store.lapsed = () => Promise.reject(new Error("the index is gone"));
  await expect(bar.claim()).rejects.toThrow("the index is gone");
  bar.store.lapsed = read;
  expect((await bar.claim())?.id).toBe(id);
});
