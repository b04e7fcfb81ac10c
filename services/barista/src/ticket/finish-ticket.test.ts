import { fakeAws } from "@doubleshot/service-host/testing";
import { expect, test } from "vitest";
import { openBar, queueOrders, StoppedClock, storedRows } from "../bar-instance.fixture.ts";
import { useBarista } from "../barista-service.fixture.ts";

const service = useBarista(fakeAws);

async function openWithOneClaim(bar: string) {
  const clock = new StoppedClock();
  const opened = openBar(service, { bar, clock, leaseSeconds: 10 });
  const [orderId = ""] = await queueOrders(service, opened, { clock, count: 1 });
  const claim = await opened.claim();
  return { ...opened, clock, orderId, token: claim?.claim.token ?? "" };
}

const newsOf = async (orderId: string) =>
  (await storedRows(service, orderId)).news.flatMap((row) => row.events.map((event: { type: string }) => event.type));

test("a finish is published once, however often and however fast it is repeated", async () => {
  const { finishes, orderId } = await openWithOneClaim("repeated");
  const finished = await Promise.all(Array.from({ length: 10 }, () => finishes.finish({ orderId, result: { n: 1 } })));
  const outcomes = finished.map(({ outcome }) => outcome).toSorted();
  expect(outcomes).toEqual(["finished", ...Array.from({ length: 9 }, () => "finished-before")]);
  expect(await finishes.finish({ orderId, result: "other" })).toMatchObject({
    outcome: "finished-before",
    ticket: { result: { n: 1 } },
  });
  expect(await newsOf(orderId)).toEqual(["BrewStarted", "BrewFinished"]);
});

test("a finished order leaves the bar: it is neither waiting nor leased", async () => {
  const { finishes, store, clock, orderId } = await openWithOneClaim("leaves");
  await finishes.finish({ orderId });
  clock.pass(3600);
  expect(await store.waiting("leaves", { limit: 10 })).toEqual({ tickets: [] });
  expect(await store.lapsed("leaves", clock.now(), 10)).toEqual([]);
});

test("a finish after the lease has lapsed counts, and no other barista gets the order", async () => {
  const { finishes, claim, lapses, clock, orderId, token } = await openWithOneClaim("late");
  clock.pass(60);
  expect(await lapses.ifDue()).toBe(1);
  expect(await finishes.finish({ orderId, token })).toMatchObject({ outcome: "finished" });
  expect(await claim()).toBeUndefined();
});

test("a finish by a barista whose order was given to another is refused", async () => {
  const { finishes, claim, clock, orderId, token } = await openWithOneClaim("overtaken");
  clock.pass(60);
  const second = await claim();
  expect(await finishes.finish({ orderId, token })).toEqual({ outcome: "claimed-by-another" });
  expect(await finishes.finish({ orderId, token: second?.claim.token ?? "" })).toMatchObject({ outcome: "finished" });
});

test("an order that waits, or is unknown, cannot be finished", async () => {
  const clock = new StoppedClock();
  const bar = openBar(service, { bar: "too-early", clock });
  const [orderId = ""] = await queueOrders(service, bar, { clock, count: 1 });
  expect(await bar.finishes.finish({ orderId })).toEqual({ outcome: "not-started" });
  expect(await bar.finishes.finish({ orderId: crypto.randomUUID() })).toEqual({ outcome: "unknown" });
});

test("a finish and the return of its lapsed lease may meet: the order is finished, and once", async () => {
  for (let round = 0; round < 10; round++) {
    const { finishes, lapses, clock, orderId, token } = await openWithOneClaim(`meet-${round}`);
    clock.pass(60);
    const [finished] = await Promise.all([finishes.finish({ orderId, token }), lapses.ifDue()]);
    expect(finished.outcome).toBe("finished");
    expect(await newsOf(orderId)).toEqual(["BrewStarted", "BrewFinished"]);
  }
});
