import { fakeAws } from "@doubleshot/service-host/testing";
import { expect, test } from "vitest";
import { cancelOrder, delivery, queueOrders } from "../bar-instance.fixture.ts";
import { useBarista } from "../barista-service.fixture.ts";
import { expectProblem, serveBar } from "../http/bar-over-http.fixture.ts";

const service = useBarista(fakeAws);

type Bar = Awaited<ReturnType<typeof serveBar>>;

const placeOf = async ({ get }: Pick<Bar, "get">, id = "") => (await get(`/tickets/${id}/place`)).json();

/** Takes the next order and finishes it after this time. */
async function brew({ claim, finishes, clock }: Bar, seconds: number) {
  const ticket = await claim();
  clock.pass(seconds);
  await finishes.finish({ orderId: ticket?.id ?? "" });
}

test("a waiting order has the number of orders before it, and the line moves up", async () => {
  const bar = await serveBar(service, "place-moves", { count: 3 });
  const [first, second, third] = bar.ids;
  expect(await placeOf(bar, first)).toEqual({ order_id: first, status: "QUEUED", ahead: 0 });
  expect(await placeOf(bar, third)).toMatchObject({ ahead: 2 });
  await bar.claim();
  bar.clock.pass(2);
  expect(await placeOf(bar, first)).toEqual({ order_id: first, status: "STARTED" });
  expect([await placeOf(bar, second), await placeOf(bar, third)]).toMatchObject([{ ahead: 0 }, { ahead: 1 }]);
});

test("there is no estimate before three coffees were finished, and none half an hour after them", async () => {
  const bar = await serveBar(service, "place-estimate", { count: 5 });
  const last = bar.ids.at(-1);
  for (const seconds of [10, 40]) await brew(bar, seconds);
  expect(await placeOf(bar, last)).not.toHaveProperty("estimate_seconds");
  await brew(bar, 60);
  bar.clock.pass(2);
  // One is before it and nobody brews: a third of the 110 s in which they were made, and the median, 40 s.
  expect(await placeOf(bar, last)).toMatchObject({ ahead: 1, estimate_seconds: 77 });
  bar.clock.pass(31 * 60);
  expect(await placeOf(bar, last)).not.toHaveProperty("estimate_seconds");
});

test("cancelled orders do not hide the finished ones", async () => {
  const bar = await serveBar(service, "place-cancelled", { count: 3 });
  for (let brewed = 0; brewed < 3; brewed++) await brew(bar, 60);
  const cancelled = await queueOrders(service, bar, { clock: bar.clock, count: 21 });
  for (const id of cancelled) {
    await bar.subscriber.handle(delivery(await cancelOrder(service, id, { clock: bar.clock })));
  }
  const [last] = await queueOrders(service, bar, { clock: bar.clock, count: 1 });
  expect(await placeOf(bar, last)).toMatchObject({ ahead: 0, estimate_seconds: 60 });
});

test("there is no estimate while nobody holds an order and none was finished for ten minutes", async () => {
  const bar = await serveBar(service, "place-idle", { count: 5 });
  for (let brewed = 0; brewed < 3; brewed++) await brew(bar, 60);
  const last = bar.ids.at(-1);
  bar.clock.pass(9 * 60);
  expect(await placeOf(bar, last)).toHaveProperty("estimate_seconds");
  bar.clock.pass(2 * 60);
  expect(await placeOf(bar, last)).not.toHaveProperty("estimate_seconds");
  await bar.claim();
  bar.clock.pass(2);
  expect(await placeOf(bar, last)).toHaveProperty("estimate_seconds");
});

/** Two baristas take an order each and finish both after a minute. */
async function brewTwo({ claim, finishes, clock }: Bar) {
  const tickets = [await claim(), await claim()];
  clock.pass(60);
  for (const ticket of tickets) await finishes.finish({ orderId: ticket?.id ?? "" });
}

test("baristas that brew side by side make it shorter, and their coffees are half done", async () => {
  const bar = await serveBar(service, "place-side-by-side", { count: 9 });
  for (let round = 0; round < 2; round++) await brewTwo(bar);
  const last = bar.ids.at(-1);
  bar.clock.pass(2);
  // A coffee each 30 s: after those of the four before it, a minute for its own.
  expect(await placeOf(bar, last)).toMatchObject({ ahead: 4, estimate_seconds: 4 * 30 + 60 });
  for (let claimed = 0; claimed < 2; claimed++) await bar.claim();
  bar.clock.pass(2);
  expect(await placeOf(bar, last)).toMatchObject({ ahead: 2, estimate_seconds: 15 + 2 * 30 + 60 });
});

test("a barista that takes several orders at once is still one", async () => {
  const bar = await serveBar(service, "place-several", { count: 9 });
  for (let brewed = 0; brewed < 3; brewed++) await brew(bar, 60);
  for (let claimed = 0; claimed < 3; claimed++) await bar.claim();
  bar.clock.pass(2);
  expect(await placeOf(bar, bar.ids.at(-1))).toMatchObject({ ahead: 2, estimate_seconds: 30 + 2 * 60 + 60 });
});

test("an order whose barista has gone is not in the making after its lease", async () => {
  const bar = await serveBar(service, "place-gone", { count: 5 });
  for (let brewed = 0; brewed < 3; brewed++) await brew(bar, 60);
  await bar.claim();
  bar.clock.pass(11);
  expect(await placeOf(bar, bar.ids.at(-1))).toMatchObject({ ahead: 0, estimate_seconds: 60 });
  bar.clock.pass(10 * 60);
  expect(await placeOf(bar, bar.ids.at(-1))).not.toHaveProperty("estimate_seconds");
});

test("pauses of the baristas while somebody waits make it longer", async () => {
  const bar = await serveBar(service, "place-pauses", { count: 5 });
  for (let brewed = 0; brewed < 3; brewed++) {
    await brew(bar, 60);
    bar.clock.pass(5 * 60);
  }
  // Three coffees in 13 minutes, and a minute for its own.
  expect(await placeOf(bar, bar.ids.at(-1))).toMatchObject({ ahead: 1, estimate_seconds: 260 + 60 });
});

test("time in which nobody waited makes it no longer", async () => {
  const bar = await serveBar(service, "place-quiet", { count: 0 });
  for (let brewed = 0; brewed < 3; brewed++) {
    await queueOrders(service, bar, { clock: bar.clock, count: 1 });
    await brew(bar, 60);
    bar.clock.pass(5 * 60);
  }
  const ids = await queueOrders(service, bar, { clock: bar.clock, count: 2 });
  // Each coffee takes a minute, and two of the three orders waited a second.
  expect(await placeOf(bar, ids.at(-1))).toMatchObject({ ahead: 1, estimate_seconds: 121 });
});

test("the line is read once for all callers of two seconds, and again after a failed read", async () => {
  const bar = await serveBar(service, "place-reads", { count: 2 });
  const [first, second] = bar.ids;
  const read = bar.store.waiting.bind(bar.store);
  let reads = 0;
  bar.store.waiting = (...cut) => {
    reads += 1;
    return read(...cut);
  };
  for (const id of [first, second, first]) await placeOf(bar, id);
  expect(reads).toBe(1);
  bar.clock.pass(2);
  bar.store.waiting = () =>
    Promise.reject(Object.assign(new Error("connect"), { code: "ECONNREFUSED", $metadata: {} }));
  await expectProblem(await bar.get(`/tickets/${first}/place`), 503);
  bar.store.waiting = read;
  expect(await placeOf(bar, second)).toMatchObject({ ahead: 1 });
});

test("a clock that steps back makes the line be read again", async () => {
  const bar = await serveBar(service, "place-step-back", { count: 2 });
  const second = bar.ids[1];
  expect(await placeOf(bar, second)).toMatchObject({ ahead: 1 });
  await bar.claim();
  bar.clock.pass(-3_600);
  expect(await placeOf(bar, second)).toMatchObject({ ahead: 0 });
});

test("an order that came after the line was read has its place behind the others", async () => {
  const bar = await serveBar(service, "place-late", { count: 2 });
  await placeOf(bar, bar.ids[0]);
  bar.clock.pass(1);
  const [late] = await queueOrders(service, bar, { clock: bar.clock, count: 1 });
  expect(await placeOf(bar, late)).toMatchObject({ ahead: 2 });
});

test("an order that has not arrived is a 204, and what is no order is a 400", async () => {
  const { get } = await serveBar(service, "place-unknown", { count: 1 });
  expect((await get("/tickets/0190a1b2-0000-7000-8000-000000000001/place")).status).toBe(204);
  await expectProblem(await get("/tickets/latest/place"), 400);
});
