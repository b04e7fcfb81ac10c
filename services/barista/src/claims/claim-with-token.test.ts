import { fakeAws } from "@doubleshot/service-host/testing";
import { expect, test } from "vitest";
import { openBar, queueOrders, StoppedClock } from "../bar-instance.fixture.ts";
import { useBarista } from "../barista-service.fixture.ts";

const service = useBarista(fakeAws);

const request = (token: string, waitMs = 0) => ({
  token,
  leaseSeconds: 10,
  waitMs,
  gone: new AbortController().signal,
});
const newToken = () => crypto.randomUUID();

async function openWith(bar: string, count: number) {
  const clock = new StoppedClock();
  const opened = openBar(service, { bar, clock });
  return { ...opened, clock, ids: await queueOrders(service, opened, { clock, count }) };
}

test("the same token gives the same claim, on any instance", async () => {
  const bar = await openWith("again", 2);
  const token = newToken();
  const first = await bar.takes.take(request(token));
  expect(first).toMatchObject({ outcome: "claimed", ticket: { id: bar.ids[0], claim: { token } } });
  const other = openBar(service, { bar: "again", clock: bar.clock });
  expect(await other.takes.take(request(token, 30_000))).toEqual(first);
  // Also when there is nothing else in line that it could run into.
  await bar.claim();
  expect(await other.takes.take(request(token, 30_000))).toEqual(first);
});

test("many requests with one token at once, on two instances, make one claim", async () => {
  const bar = await openWith("at-once", 5);
  const other = openBar(service, { bar: "at-once", clock: bar.clock });
  const token = newToken();
  const taken = await Promise.all([bar, other, bar, other, bar, other].map(({ takes }) => takes.take(request(token))));
  const [first] = taken;
  expect(first?.outcome).toBe("claimed");
  for (const each of taken) expect(each).toEqual(first);
  const left = await Promise.all(Array.from({ length: 5 }, () => bar.claim()));
  expect(left.filter((ticket) => ticket !== undefined)).toHaveLength(4);
});

test("a repeated request that comes while the first one waits shares its claim", async () => {
  const bar = await openWith("both-wait", 0);
  const token = newToken();
  const both = [bar.takes.take(request(token, 30_000)), bar.takes.take(request(token, 30_000))];
  await expect.poll(() => bar.claims.waiting).toBe(2);
  const [first, second] = await queueOrders(service, bar, { clock: bar.clock, count: 2 });
  const [one, two] = await Promise.all(both);
  expect(one).toMatchObject({ outcome: "claimed" });
  expect(two).toEqual(one);
  const rest = await bar.claim();
  expect([one?.outcome === "claimed" && one.ticket.id, rest?.id].toSorted()).toEqual([first, second].toSorted());
});

test("a token whose claim is over gets no other, even when there are orders", async () => {
  const bar = await openWith("over", 3);
  const [released, finished, lapsed] = [newToken(), newToken(), newToken()];
  for (const token of [released, finished, lapsed]) await bar.takes.take(request(token));
  await bar.finishes.finish({ orderId: bar.ids[1] ?? "", token: finished });
  await bar.releases.release({ orderId: bar.ids[0] ?? "", token: released });
  bar.clock.pass(60);
  await bar.lapses.ifDue();
  // Another barista claims one of the two in line.
  await bar.claim();
  const ordersOfTokens: string[] = [];
  const onOrder = (orderId: string) => ordersOfTokens.push(orderId);
  for (const token of [released, finished, lapsed]) {
    expect(await bar.takes.take({ ...request(token), onOrder })).toEqual({ outcome: "over" });
  }
  expect(ordersOfTokens).toEqual(bar.ids);
});

test("a token that got nothing is still good", async () => {
  const bar = await openWith("still-good", 0);
  const token = newToken();
  expect(await bar.takes.take(request(token))).toEqual({ outcome: "nothing" });
  const [id] = await queueOrders(service, bar, { clock: bar.clock, count: 1 });
  expect(await bar.takes.take(request(token))).toMatchObject({ outcome: "claimed", ticket: { id } });
});

test("a claim and its token commit together: a lost claim leaves the token unused", async () => {
  const bar = await openWith("together", 1);
  const read = bar.store.waiting.bind(bar.store);
  // Another instance is quicker: the line that was read shows a ticket that is gone.
  const stale = await read("together", { limit: 10 });
  await bar.claim();
  bar.store.waiting = async () => stale;
  const token = newToken();
  expect(await bar.takes.take(request(token))).toEqual({ outcome: "nothing" });
  expect(bar.claims.lost).toBe(1);
  bar.store.waiting = read;
  const [id] = await queueOrders(service, bar, { clock: bar.clock, count: 1 });
  expect(await bar.takes.take(request(token))).toMatchObject({ outcome: "claimed", ticket: { id } });
});

test("heartbeats keep a claim beyond its lease, and report when it is over", async () => {
  const bar = await openWith("alive", 1);
  const token = newToken();
  await bar.takes.take(request(token));
  const orderId = bar.ids[0] ?? "";
  for (let beat = 0; beat < 4; beat++) {
    bar.clock.pass(8);
    expect(await bar.extends.extend({ orderId, token, leaseSeconds: 10 })).toMatchObject({ outcome: "extended" });
  }
  expect(await bar.claim()).toBeUndefined();
  bar.clock.pass(11);
  await bar.claim();
  expect(await bar.extends.extend({ orderId, token, leaseSeconds: 10 })).toEqual({ outcome: "lost" });
  const nowhere = { orderId: crypto.randomUUID(), token, leaseSeconds: 10 };
  expect(await bar.extends.extend(nowhere)).toEqual({ outcome: "unknown" });
});
