import { uuidv7 } from "@doubleshot/messaging";
import { until, useLocalAws } from "@doubleshot/service-host/testing";
import { createAwsClients } from "@doubleshot/topology";
import { expect, onTestFinished, test } from "vitest";
import { type Counter, useCounters } from "../counter.fixture.ts";

const aws = useLocalAws();
const all = useCounters(aws);

interface OrderEvent {
  readonly id: string;
  readonly status: string;
}

/** Reads a stream of events, until it ends. */
class Stream {
  readonly events: OrderEvent[] = [];
  readonly response: Response;
  readonly ended: Promise<void>;

  constructor(response: Response) {
    this.response = response;
    this.ended = this.#read();
  }

  /** The statuses seen so far, as soon as there are so many. */
  statuses(count: number): Promise<string[]> {
    return until(async () => this.events.length >= count && this.events.map(({ status }) => status));
  }

  async #read(): Promise<void> {
    let text = "";
    for await (const chunk of this.response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += chunk;
      const blocks = text.split("\n\n");
      text = blocks.pop() ?? "";
      for (const block of blocks) {
        const [, id, data] = /^event: order\nid: (.*)\ndata: (.*)$/.exec(block) ?? [];
        if (id !== undefined) this.events.push({ id, status: JSON.parse(data ?? "{}").status });
      }
    }
  }
}

async function follow(counter: Counter, id: string, headers: Record<string, string> = {}): Promise<Stream> {
  return new Stream(await counter.get(`/orders/${id}/events`, headers));
}

test.each<[string, NodeJS.ProcessEnv]>([
  ["where it was placed", {}],
  ["on another instance, by hints alone", { CONSUME: "off", SWEEP: "off" }],
])("an order is followed from now to its end, %s", async (_, env) => {
  const placing = await all.open();
  const counter = env.CONSUME ? await all.open(env) : placing;
  const id = await placing.place();
  const stream = await follow(counter, id);
  expect(stream.response.headers.get("content-type")).toContain("text/event-stream");
  expect(await stream.statuses(1)).toEqual(["PLACED"]);
  await until(async () => (await all.rows("orders"))[0]?.watchers);
  await all.bar.starts(id);
  expect(await stream.statuses(2)).toEqual(["PLACED", "BREWING"]);
  await all.bar.finishes(id);
  await stream.ended;
  expect(stream.events.map(({ status }) => status)).toEqual(["PLACED", "BREWING", "COMPLETED"]);
});

test("a stream shows the cancellation of its order as it happens", async () => {
  const counter = await all.open({ SWEEP: "off" });
  const id = await counter.place();
  const stream = await follow(counter, id);
  await stream.statuses(1);
  await until(async () => (await all.rows("orders"))[0]?.watchers);
  await counter.post(`/orders/${id}/cancel`);
  expect(await stream.statuses(2)).toEqual(["PLACED", "CANCELLING"]);
  await all.bar.voids(id);
  await stream.ended;
  expect(stream.events.map(({ status }) => status)).toEqual(["PLACED", "CANCELLING", "CANCELLED"]);
  const metrics = await (await fetch(`${counter.url}/metrics`)).text();
  for (const status of ["CANCELLING", "CANCELLED"]) expect(metrics).toContain(`orders_total{status="${status}"} 1`);
});

test("a stream that broke goes on where it was, on whichever instance", async () => {
  const [first, second] = [await all.open(), await all.open()];
  const id = await first.place();
  const early = await follow(first, id);
  await early.statuses(1);
  const seen = early.events[0]?.id ?? "";
  await first.drain();
  await early.ended;
  const late = await follow(second, id, { "last-event-id": seen });
  await all.bar.finishes(id);
  await late.ended;
  expect(late.events.map(({ status }) => status)).toEqual(["COMPLETED"]);
  const over = await second.get(`/orders/${id}/events`, { "last-event-id": late.events[0]?.id ?? "" });
  expect(over.status).toBe(204);
});

test("of a final order, there is one event", async () => {
  const counter = await all.open();
  const id = await counter.place();
  await all.bar.finishes(id);
  await counter.untilIs(id, "COMPLETED");
  const stream = await follow(counter, id, { "last-event-id": "of another time" });
  await stream.ended;
  expect(stream.events.map(({ status }) => status)).toEqual(["COMPLETED"]);
});

test("an order that nobody placed cannot be followed, and HEAD follows nothing", async () => {
  const counter = await all.open();
  for (const id of [uuidv7(), "latte"]) expect((await counter.get(`/orders/${id}/events`)).status).toBe(404);
  const id = await counter.place();
  const head = await fetch(`${counter.url}/orders/${id}/events`, { method: "HEAD" });
  expect(head.status).toBe(405);
});

test("a client that leaves frees its waiter and its place", async () => {
  const counter = await all.open();
  const id = await counter.place();
  const gone = new AbortController();
  const response = await counter.get(`/orders/${id}/events`, {}, { signal: gone.signal });
  const waiting = async () => await (await fetch(`${counter.url}/metrics`)).text();
  await until(async () => (await waiting()).includes("orders_waiting 1\n"));
  gone.abort();
  await response.text().catch(() => undefined);
  await until(async () => (await waiting()).includes("orders_waiting 0\n"));
});

test("a client that leaves before the order was found frees its waiter and its place", async () => {
  const clients = createAwsClients({ endpoints: aws.endpoints });
  onTestFinished(() => clients.destroy());
  const counter = await all.open({}, clients);
  const id = await counter.place();
  const looking = Promise.withResolvers<void>();
  const found = Promise.withResolvers<void>();
  clients.dynamodb.middlewareStack.add(
    (next, { commandName }) =>
      async (call) => {
        if (!commandName?.startsWith("Get")) return next(call);
        looking.resolve();
        await found.promise;
        return next(call);
      },
    { step: "initialize" },
  );
  const gone = new AbortController();
  const follower = expect(counter.get(`/orders/${id}/events`, {}, { signal: gone.signal })).rejects.toThrow();
  await looking.promise;
  gone.abort();
  await follower;
  // When this is answered, the server knows that the connection before it has gone.
  const waiting = async () => (await fetch(`${counter.url}/metrics`)).text();
  await waiting();
  found.resolve();
  await until(async () => (await all.rows("orders"))[0]?.watchers);
  await until(async () => (await waiting()).includes("orders_waiting 0\n"));
});
