import { GetCommand, PutCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { fakeAws } from "@doubleshot/service-host/testing";
import { describe, expect, test } from "vitest";
import { openBar, queueOrders, StoppedClock, storedRows } from "../bar-instance.fixture.ts";
import { useBarista } from "../barista-service.fixture.ts";

const service = useBarista(fakeAws);

test("baristas get the oldest first, and nothing when nothing waits", async () => {
  const clock = new StoppedClock();
  const bar = openBar(service, { bar: "oldest-first", clock });
  const ids = await queueOrders(service, bar, { clock, count: 3 });
  const claimed = [await bar.claim(), await bar.claim(), await bar.claim(), await bar.claim()];
  expect(claimed.map((ticket) => ticket?.id)).toEqual([...ids, undefined]);
});

test("a later turn waits behind everybody's first, however old it is", async () => {
  const clock = new StoppedClock();
  const bar = openBar(service, { bar: "fair-turns", clock });
  const [third] = await queueOrders(service, bar, { clock, count: 1, turn: 10 });
  const [second] = await queueOrders(service, bar, { clock, count: 1, turn: 2 });
  const [first] = await queueOrders(service, bar, { clock, count: 1 });
  const claimed = [await bar.claim(), await bar.claim(), await bar.claim()];
  expect(claimed.map((ticket) => ticket?.id)).toEqual([first, second, third]);
});

test("a row that was edited and is no ticket any more keeps no barista from the others, waiting or lapsed", async () => {
  const clock = new StoppedClock();
  const bar = openBar(service, { bar: "edited", clock, leaseSeconds: 10 });
  const [waiting, leased, next] = await queueOrders(service, bar, { clock, count: 3 });
  const setItems = (id: string | undefined, items: unknown) =>
    service.shop.clients.documents.send(
      new UpdateCommand({
        TableName: service.shop.table("barista"),
        Key: { id },
        UpdateExpression: "SET #items = :items",
        ExpressionAttributeNames: { "#items": "items" },
        ExpressionAttributeValues: { ":items": items },
      }),
    );
  await setItems(waiting, "oops");
  expect((await bar.claim())?.id).toBe(leased);
  await setItems(leased, "oops");
  clock.pass(11);
  expect((await bar.claim())?.id).toBe(next);

  await setItems(waiting, [{ sku: "americano", quantity: 1 }]);
  expect((await bar.claim())?.id).toBe(waiting);
});

test("a ticket restored from a backup keeps no barista from the next, and is claimed when its version is raised", async () => {
  const clock = new StoppedClock();
  const bar = openBar(service, { bar: "restored", clock });
  const [restored, next] = await queueOrders(service, bar, { clock, count: 2 });
  const at = { TableName: service.shop.table("barista"), Key: { id: restored } };
  const { Item: backup } = await service.shop.clients.documents.send(new GetCommand({ ...at, ConsistentRead: true }));
  const restore = (version: number) =>
    service.shop.clients.documents.send(new PutCommand({ TableName: at.TableName, Item: { ...backup, version } }));
  const claimed = await bar.claim();
  expect(claimed?.id).toBe(restored);
  await restore(backup?.version);
  expect((await bar.claim())?.id).toBe(next);
  await restore(claimed?.version ?? 0);
  expect((await bar.claim())?.id).toBe(restored);
});

test("twenty baristas racing over two processes never get the same ticket, and leave none behind", async () => {
  const clock = new StoppedClock();
  const bars = [openBar(service, { bar: "race", clock }), openBar(service, { bar: "race", clock })] as const;
  const ids = await queueOrders(service, bars[0], { clock, count: 60 });
  const claimed: string[] = [];
  const barista = async (bar: (typeof bars)[number]) => {
    for (let ticket = await bar.claim(); ticket !== undefined; ticket = await bar.claim()) claimed.push(ticket.id);
  };
  await Promise.all(bars.flatMap((bar) => Array.from({ length: 10 }, () => barista(bar))));
  expect(claimed.toSorted()).toEqual(ids.toSorted());
  for (const id of ids) expect((await storedRows(service, id)).news).toHaveLength(1);
});

describe("baristas that ask at the same time", () => {
  test("are served by one read of the line", async () => {
    const clock = new StoppedClock();
    const bar = openBar(service, { bar: "one-query", clock });
    await queueOrders(service, bar, { clock, count: 3 });
    let readings = 0;
    const read = bar.store.waiting.bind(bar.store);
    bar.store.waiting = (...page) => {
      readings += 1;
      return read(...page);
    };
    await bar.claim();
    const before = readings;
    const together = Array.from({ length: 5 }, () => bar.claim());
    expect((await Promise.all(together)).filter((ticket) => ticket !== undefined)).toHaveLength(2);
    // At most: the first to ask begins a round alone, and the other four share the next.
    expect(readings - before).toBeLessThanOrEqual(2);
  });

  test("share its failure, and the next one is served again", async () => {
    const clock = new StoppedClock();
    const bar = openBar(service, { bar: "broken-line", clock });
    const [id] = await queueOrders(service, bar, { clock, count: 1 });
    const read = bar.store.waiting.bind(bar.store);
    bar.store.waiting = () => Promise.reject(new Error("the index is gone"));
    const asked = await Promise.allSettled([bar.claim(), bar.claim(), bar.claim()]);
    expect(asked.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
    bar.store.waiting = read;
    expect((await bar.claim())?.id).toBe(id);
  });
});

test("an index that is behind costs a claim no more than a try for the next ticket", async () => {
  const clock = new StoppedClock();
  const bar = openBar(service, { bar: "stale-index", clock });
  const ids = await queueOrders(service, bar, { clock, count: 30 });
  const stale = await bar.store.waiting("stale-index", { limit: 29 });
  for (let i = 0; i < 29; i++) await bar.claim();
  const read = bar.store.waiting.bind(bar.store);
  bar.store.waiting = async (name, page) => (page.after === undefined ? stale : read(name, page));
  expect((await bar.claim())?.id).toBe(ids[29]);
});

test("a barista that has gone before the claim was made gets none", async () => {
  const clock = new StoppedClock();
  const bar = openBar(service, { bar: "hung-up", clock });
  const [id] = await queueOrders(service, bar, { clock, count: 1 });
  expect(await bar.claims.claim({ gone: AbortSignal.abort() })).toEqual({ outcome: "nothing" });
  expect((await bar.claim())?.id).toBe(id);
});

test("a claim that is released waits at its old place", async () => {
  const clock = new StoppedClock();
  const bar = openBar(service, { bar: "released", clock });
  const [first] = await queueOrders(service, bar, { clock, count: 2 });
  const claimed = await bar.claim();
  const claim = { orderId: claimed?.id ?? "", token: claimed?.claim.token ?? "" };
  expect(await bar.releases.release({ ...claim, token: "another" })).toBe("kept");
  expect(await bar.releases.release(claim)).toBe("released");
  expect(await bar.releases.release(claim)).toBe("kept");
  expect((await bar.claim())?.id).toBe(first);
});

test("releasing an unknown order changes nothing", async () => {
  const bar = openBar(service, { bar: "released-unknown", clock: new StoppedClock() });
  expect(await bar.releases.release({ orderId: crypto.randomUUID(), token: "any" })).toBe("unknown");
});
