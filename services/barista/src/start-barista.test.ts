import { request } from "node:http";
import { GetQueueAttributesCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import { ScanCommand } from "@aws-sdk/lib-dynamodb";
import { type LocalAws, startLocalAws } from "@doubleshot/local-aws";
import { createLogger, readConfig } from "@doubleshot/service-kit";
import { createAwsClients, physicalName, queueUrl } from "@doubleshot/topology";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { openBar, placeOrder, queueOrders, StoppedClock, shop, storedRows } from "./bar.fixture.ts";
import { baristaConfig } from "./config.ts";
import { readEvents } from "./http/event-reader.fixture.ts";
import { startBarista } from "./start-barista.ts";

let aws: LocalAws;
beforeAll(async () => {
  aws = await startLocalAws();
});
afterAll(() => aws?.close());

const within = { timeout: 30_000, interval: 20 };
const log = createLogger("barista", "silent");
const start = (env: Record<string, string>, clients = aws.clients, signal = new AbortController().signal) =>
  startBarista({ config: readConfig(baristaConfig, { PORT: "0", ...env }), clients, log, signal });

/** Puts the message where the topic would. */
async function send(order: { orderId: string; body: string }): Promise<void> {
  await aws.clients.sqs.send(
    new SendMessageCommand({
      QueueUrl: await queueUrl(aws.clients, shop, "barista-subscriber.fifo"),
      MessageBody: order.body,
      MessageGroupId: `order#${order.orderId}`,
      MessageDeduplicationId: order.orderId,
    }),
  );
}

/** Messages that nobody has handled; one that came to the poll of a closing process is hidden for a moment. */
async function messagesLeft(): Promise<number> {
  const { Attributes } = await aws.clients.sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl: await queueUrl(aws.clients, shop, "barista-subscriber.fifo"),
      AttributeNames: ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
    }),
  );
  return Object.values(Attributes ?? {}).reduce((sum, count) => sum + Number(count), 0);
}

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

test("an order that is being queued when the bar closes is queued", async () => {
  const { clients, inHand, letGo } = heldUp();
  const service = await start({ BAR: "closing-queue" }, clients);
  const order = await placeOrder(aws, { clock: new StoppedClock() });
  await send(order);
  await inHand.promise;

  const story: string[] = [];
  const drained = service.drain().then(() => story.push("drained"));
  await expect(fetch(`${service.url}/livez`)).rejects.toThrow();
  story.push("let go");
  letGo.resolve();
  await drained;
  expect(story).toEqual(["let go", "drained"]);
  const { ticket } = await storedRows(aws, order.orderId);
  expect(ticket).toMatchObject({ status: "QUEUED" });
});

test("a claim whose barista hangs up while the bar closes is given back", async () => {
  const { clients, inHand, letGo, second: release } = heldUp();
  const clock = new StoppedClock();
  const bar = openBar(aws, { bar: "closing-claim", clock });
  const [orderId = ""] = await queueOrders(aws, bar, { clock, count: 1 });
  const service = await start({ BAR: "closing-claim", CONSUME: "off", HINTS: "off" }, clients);
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

test("what comes in by the queue goes out to baristas, until the bar closes", async () => {
  const clock = new StoppedClock();
  const service = await start({ BAR: "open" });
  const first = await placeOrder(aws, { clock });
  await send(first);
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
  await send(await placeOrder(aws, { clock }));
  expect(await messagesLeft()).toBe(1);
});

test("a process told not to consume leaves the queue alone, and serves", async () => {
  const before = await messagesLeft();
  const service = await start({ BAR: "http-only", CONSUME: "off" });
  await send(await placeOrder(aws, { clock: new StoppedClock() }));
  expect((await fetch(`${service.url}/start/`)).status).toBe(204);
  expect((await fetch(`${service.url}/readyz`)).status).toBe(200);
  await service.drain();
  expect(await messagesLeft()).toBe(before + 1);
});

test("a finish that is still being sent when the bar closes is taken", async () => {
  const clock = new StoppedClock();
  const bar = openBar(aws, { bar: "closing", clock });
  const [orderId = ""] = await queueOrders(aws, bar, { clock, count: 1 });
  await bar.claim();
  const service = await start({ BAR: "closing", CONSUME: "off" });

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

test("a bar that closes answers those who wait, ends its streams, and leaves no instance behind", async () => {
  const service = await start({ BAR: "closing-waits", CONSUME: "off" });
  const headers = { "content-type": "application/json" };
  const claim = fetch(`${service.url}/claims?wait=60`, {
    method: "POST",
    headers,
    body: JSON.stringify({ claim_token: crypto.randomUUID() }),
  });
  const started = fetch(`${service.url}/start/?wait=60`);
  const screen = await readEvents(`${service.url}/events`);
  await screen.until((events) => events.some(({ event }) => event === "current"));
  await vi.waitFor(async () => expect(await metric(service.url, "barista_waiting_baristas")).toBe(2), within);
  await service.drain();
  expect([(await claim).status, (await started).status]).toEqual([204, 204]);
  await vi.waitFor(() => expect(screen.state()).not.toBe("open"), within);
  expect(screen.state()).toBe("ended");
  const TableName = physicalName(shop, "barista-instances");
  const { Items } = await aws.clients.documents.send(new ScanCommand({ TableName, ConsistentRead: true }));
  expect(Items).toEqual([]);
});

test("a bar that is about to close is not ready and gives nothing out, and takes what baristas have in hand", async () => {
  const clock = new StoppedClock();
  const bar = openBar(aws, { bar: "about-to-close", clock });
  await queueOrders(aws, bar, { clock, count: 2 });
  const closing = new AbortController();
  const service = await start({ BAR: "about-to-close", CONSUME: "off" }, aws.clients, closing.signal);
  const { order_id } = (await (await fetch(`${service.url}/start/`)).json()) as { order_id: string };
  closing.abort();
  expect((await fetch(`${service.url}/readyz`)).status).toBe(503);
  const refused = await fetch(`${service.url}/start/?wait=20`);
  expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "1"]);
  expect((await fetch(`${service.url}/finish/?order_id=${order_id}`, { method: "POST" })).status).toBe(200);
  await service.drain();
});

test("a bar that is about to close asks for no more messages", async () => {
  const clients = createAwsClients({ endpoints: aws.endpoints });
  onTestFinished(() => clients.destroy());
  let asking = 0;
  clients.longPolls.middlewareStack.add(
    (next) => async (call) => {
      const { QueueUrl = "" } = call.input as { QueueUrl?: string };
      if (!QueueUrl.endsWith("barista-subscriber.fifo")) return next(call);
      asking += 1;
      return next(call).finally(() => {
        asking -= 1;
      });
    },
    { step: "initialize" },
  );
  const closing = new AbortController();
  const service = await start({ BAR: "asks-no-more" }, clients, closing.signal);
  await vi.waitFor(() => expect(asking).toBe(1), within);
  closing.abort();
  await vi.waitFor(() => expect(asking).toBe(0), within);
  await service.drain();
});

test("an order that comes to one instance wakes a barista who waits at another", async () => {
  const waiting = await start({ BAR: "two", CONSUME: "off" });
  const answer = fetch(`${waiting.url}/start/?wait=60`);
  await vi.waitFor(async () => expect(await metric(waiting.url, "barista_waiting_baristas")).toBe(1), within);
  const consuming = await start({ BAR: "two" });
  // Or one that an earlier test has left in the queue: either way it comes by the other instance.
  await send(await placeOrder(aws, { clock: new StoppedClock() }));
  expect((await answer).status).toBe(200);
  await Promise.all([waiting.drain(), consuming.drain()]);
});

test("/metrics tells how long the line is, how old its oldest ticket, and what happens to tickets", async () => {
  const clock = new StoppedClock();
  const bar = openBar(aws, { bar: "measured", clock });
  await queueOrders(aws, bar, { clock, count: 3 });
  const service = await start({ BAR: "measured", CONSUME: "off" });
  const { order_id } = (await (await fetch(`${service.url}/start/`)).json()) as { order_id: string };
  const measured = (name: string) => metric(service.url, name);
  expect(await measured('barista_tickets{status="QUEUED"}')).toBe(2);
  expect(await measured('barista_tickets{status="STARTED"}')).toBe(1);
  // Since the morning of 31 January 2026, when the clock of these tests stood still.
  expect(await measured("barista_oldest_ticket_age_seconds")).toBeGreaterThan(0);
  expect(await measured("barista_board_onlookers")).toBe(0);
  expect(await measured("barista_claims_lost_total")).toBe(0);
  await fetch(`${service.url}/finish/?order_id=${order_id}`, { method: "POST" });
  expect(await measured('barista_ticket_changes_total{what="claimed"}')).toBe(1);
  expect(await measured('barista_ticket_changes_total{what="finished"}')).toBe(1);
  expect(await measured('barista_ticket_changes_total{what="lapsed"}')).toBe(0);
  expect(await measured("barista_ticket_wait_seconds_count")).toBe(1);
  expect(await measured("barista_brew_seconds_count")).toBe(1);
  await service.drain();
});

test.each([
  ["cannot be read", () => Promise.reject(new Error("out of reach"))],
  ["does not answer", () => new Promise<never>(() => undefined)],
])("/metrics tells all else while the table %s", async (_, failing) => {
  const clients = createAwsClients({ endpoints: aws.endpoints });
  onTestFinished(() => clients.destroy());
  const service = await start({ BAR: "unmeasured", CONSUME: "off" }, clients);
  clients.dynamodb.middlewareStack.add((next, { commandName }) => (commandName?.startsWith("Query") ? failing : next), {
    step: "initialize",
  });
  const metrics = await fetch(`${service.url}/metrics`);
  expect(metrics.status).toBe(200);
  const names = (await metrics.text()).split("\n").map((line) => line.split(/[ {]/, 1)[0]);
  expect(names).toEqual(expect.arrayContaining(["barista_waiting_baristas", "nodejs_eventloop_lag_p99_seconds"]));
  expect(names).not.toContain("barista_tickets");
  expect(names).not.toContain("barista_oldest_ticket_age_seconds");
  await service.drain();
});

/** The value on the line of `/metrics` that begins with this name and these labels. */
async function metric(url: string, name: string): Promise<number | undefined> {
  const lines = (await (await fetch(`${url}/metrics`)).text()).split("\n");
  const line = lines.find((each) => each.startsWith(`${name} `));
  return line === undefined ? undefined : Number(line.slice(name.length));
}
