import { request } from "node:http";
import { ScanCommand } from "@aws-sdk/lib-dynamodb";
import { readMetric, useLocalAws } from "@doubleshot/service-host/testing";
import { readEvents } from "@doubleshot/service-kit/testing";
import { createAwsClients } from "@doubleshot/topology";
import { expect, onTestFinished, test, vi } from "vitest";
import { openBar, placeOrder, queueOrders, StoppedClock, storedRows } from "./bar-instance.fixture.ts";
import { useBarista } from "./barista-service.fixture.ts";

const aws = useLocalAws();
const barista = useBarista(aws);
const within = { timeout: 120_000, interval: 20 };

/** Clients that hold transactions up, each until it is let go. */
function heldUp() {
  const clients = createAwsClients({ endpoints: aws.endpoints });
  onTestFinished(() => clients.destroy());
  const gate = () => ({ inHand: Promise.withResolvers<void>(), letGo: Promise.withResolvers<void>() });
  const gates = [gate(), gate()] as const;
  let transactions = 0;
  clients.dynamodb.middlewareStack.add(
    (next, { commandName }) =>
      async (call) => {
        if (commandName?.startsWith("TransactWrite")) {
          const held = gates[transactions++];
          held?.inHand.resolve();
          await held?.letGo.promise;
        }
        return next(call);
      },
    { step: "initialize" },
  );
  const [first, second] = gates;
  return { clients, ...first, second };
}

test("an order that is being queued when the service closes is queued", async () => {
  const { clients, inHand, letGo } = heldUp();
  const service = await barista.start({ BAR: "closing-queue" }, { clients });
  const order = await placeOrder(barista, { clock: new StoppedClock() });
  await barista.send(order);
  await inHand.promise;

  const story: string[] = [];
  const drained = service.drain().then(() => story.push("drained"));
  await expect(fetch(`${service.url}/livez`)).rejects.toThrow();
  story.push("let go");
  letGo.resolve();
  await drained;
  expect(story).toEqual(["let go", "drained"]);
  const { ticket } = await storedRows(barista, order.orderId);
  expect(ticket).toMatchObject({ status: "QUEUED" });
});

test("a claim whose connection breaks while the service closes is released", async () => {
  const { clients, inHand, letGo, second: release } = heldUp();
  const clock = new StoppedClock();
  const bar = openBar(barista, { bar: "closing-claim", clock });
  const [orderId = ""] = await queueOrders(barista, bar, { clock, count: 1 });
  const service = await barista.start({ BAR: "closing-claim", CONSUME: "off", HINTS: "off" }, { clients });
  const caller = new AbortController();
  const answer = fetch(`${service.url}/start/`, { signal: caller.signal });
  await inHand.promise;
  caller.abort();
  await expect(answer).rejects.toThrow();
  // When this is answered, the server knows that the connection before it has gone.
  await fetch(`${service.url}/livez`);
  const story: string[] = [];
  const drained = service.drain().then(() => story.push("drained"));
  letGo.resolve();
  await release.inHand.promise;
  expect(await bar.store.get(orderId)).toMatchObject({ status: "STARTED", version: 2 });
  story.push("released");
  release.letGo.resolve();
  await drained;
  expect(story).toEqual(["released", "drained"]);
  expect(await bar.store.get(orderId)).toMatchObject({ status: "QUEUED", version: 3 });
});

test("orders from the queue go to baristas until the service closes", async () => {
  const clock = new StoppedClock();
  const service = await barista.start({ BAR: "open" });
  const first = await placeOrder(barista, { clock });
  await barista.send(first);
  const claimed = await vi.waitFor(async () => {
    const response = await fetch(`${service.url}/start/`);
    expect(response.status).toBe(200);
    return (await response.json()) as { order_id: string };
  }, within);
  expect(claimed.order_id).toBe(first.orderId);
  await vi.waitFor(async () => {
    const shown = await (await fetch(`${service.url}/metrics`)).text();
    expect(shown).toMatch(/^subscriber_lag_seconds_count\{subscriber="barista"\} 1$/m);
    expect(shown).toMatch(
      /^outbox_commit_duration_seconds_count\{source="\/doubleshot\/barista",outcome="committed"\} 2$/m,
    );
  }, within);

  await service.drain();
  await expect(fetch(`${service.url}/livez`)).rejects.toThrow();
  await barista.send(await placeOrder(barista, { clock }));
  expect(await barista.messagesLeft()).toBe(1);
});

test("a finish that is still being sent when the service closes is committed", async () => {
  const clock = new StoppedClock();
  const bar = openBar(barista, { bar: "closing", clock });
  const [orderId = ""] = await queueOrders(barista, bar, { clock, count: 1 });
  await bar.claim();
  const service = await barista.start({ BAR: "closing", CONSUME: "off" });

  const answered = Promise.withResolvers<number | undefined>();
  const finish = request(`${service.url}/finish/?order_id=${orderId}`, {
    method: "POST",
    headers: { "content-type": "application/json", "content-length": 13, expect: "100-continue" },
  });
  finish.on("response", (response) => answered.resolve(response.resume().statusCode)).on("error", answered.reject);
  const begun = Promise.withResolvers<void>();
  finish.once("continue", begun.resolve).flushHeaders();
  await begun.promise;

  const drained = service.drain();
  await expect(fetch(`${service.url}/livez`)).rejects.toThrow();
  finish.end('{"result": 1}');
  expect(await answered.promise).toBe(200);
  await drained;
  expect(await bar.store.get(orderId)).toMatchObject({ status: "FINISHED", result: 1 });
});

test("a service that drains answers waiting callers, ends its streams, and leaves no instance behind", async () => {
  const service = await barista.start({ BAR: "closing-waits", CONSUME: "off" });
  const headers = { "content-type": "application/json" };
  const claim = fetch(`${service.url}/claims?wait=60`, {
    method: "POST",
    headers,
    body: JSON.stringify({ claim_token: crypto.randomUUID() }),
  });
  const started = fetch(`${service.url}/start/?wait=60`);
  const screen = await readEvents(`${service.url}/events`);
  await screen.until((events) => events.some(({ event }) => event === "current"));
  await vi.waitFor(async () => expect(await readMetric(service.url, "barista_waiting_baristas")).toBe(2), within);
  await service.drain();
  expect([(await claim).status, (await started).status]).toEqual([204, 204]);
  await vi.waitFor(() => expect(screen.state()).not.toBe("open"), within);
  expect(screen.state()).toBe("ended");
  const TableName = barista.shop.table("barista-instances");
  const { Items } = await barista.shop.clients.documents.send(new ScanCommand({ TableName, ConsistentRead: true }));
  expect(Items).toEqual([]);
});

test("a service that is closing is not ready and gives out no orders, and takes the finishes of claimed ones", async () => {
  const clock = new StoppedClock();
  const bar = openBar(barista, { bar: "about-to-close", clock });
  await queueOrders(barista, bar, { clock, count: 2 });
  const closing = new AbortController();
  const service = await barista.start({ BAR: "about-to-close", CONSUME: "off" }, { signal: closing.signal });
  const { order_id } = (await (await fetch(`${service.url}/start/`)).json()) as { order_id: string };
  closing.abort();
  expect((await fetch(`${service.url}/readyz`)).status).toBe(503);
  const refused = await fetch(`${service.url}/start/?wait=20`);
  expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "1"]);
  expect((await fetch(`${service.url}/finish/?order_id=${order_id}`, { method: "POST" })).status).toBe(200);
  await service.drain();
});
