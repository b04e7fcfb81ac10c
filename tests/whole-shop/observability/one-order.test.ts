import { InProcessShop } from "@doubleshot/bench/in-process-shop";
import { SpanKind } from "@opentelemetry/api";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import { afterAll, beforeAll, expect, test } from "vitest";
import { linksTo, RecordedSpans } from "./spans.fixture.ts";

/*
 * The spans of one order, from the request to its answer. Inside a service a span is the child of its cause; across the stream and the
 * queues it links there, because a message may be handled days later, more than once, and by many.
 */

let spans: RecordedSpans;
let shop: InProcessShop;
const urls = { counter: "", otherCounter: "", bar: "" };

beforeAll(async () => {
  spans = new RecordedSpans();
  shop = await InProcessShop.open();
  urls.bar = await shop.start("barista");
  urls.counter = await shop.start("orders");
  urls.otherCounter = await shop.start("orders", { CONSUME: "off", SWEEP: "off" });
});
afterAll(async () => {
  await shop?.[Symbol.asyncDispose]();
  spans?.[Symbol.dispose]();
});

/** Orders at the counter, and brews. The correlation id tells the spans of one order from those of another. */
async function served(counter: string, correlationId: string): Promise<string> {
  const headers = { "X-Correlation-Id": correlationId };
  const answer = fetch(`${counter}/order/`, { method: "POST", headers });
  const claimed = await fetch(`${urls.bar}/start/?wait=60`);
  expect(claimed.status).toBe(200);
  const { order_id: id } = (await claimed.json()) as { order_id: string };
  const finished = await fetch(`${urls.bar}/finish/?order_id=${id}`, { method: "POST" });
  expect(finished.status).toBe(200);
  expect((await answer).status).toBe(200);
  return id;
}

const bySpanId = (spanId: string | undefined) => spans.all.find((span) => span.spanContext().spanId === spanId);

/** The commits with the correlation id, each with the request or the handler that made it, in order. */
async function commitsOf(correlationId: string, count: number) {
  const commits = () =>
    spans.all.filter(
      ({ name, attributes }) =>
        name.startsWith("commit") && attributes["messaging.message.conversation_id"] === correlationId,
    );
  await expect.poll(() => commits().length, { interval: 5 }).toBe(count);
  const withMakers = commits().map(async (commit) => {
    const spanId = commit.parentSpanContext?.spanId;
    return { commit, maker: await spans.one("the maker of a commit", (span) => span.spanContext().spanId === spanId) };
  });
  return Promise.all(withMakers);
}

test.each([
  ["at the instance that hears of its completion", "counter"],
  ["at another instance, which gets a hint", "otherCounter"],
] as const)("an order %s is one story", async (_case, counter) => {
  const correlationId = `story-at-${counter}`;
  await served(urls[counter], correlationId);

  const made = await commitsOf(correlationId, 6);
  const by = (name: string) => made.filter(({ maker }) => maker.name === name).map(({ commit }) => commit);
  const [placed] = by("POST /order") as [ReadableSpan];
  const [queued] = by("process barista") as [ReadableSpan];
  const [claimed] = by("GET /start/") as [ReadableSpan];
  const [finished] = by("POST /finish/") as [ReadableSpan];
  expect(by("process orders")).toHaveLength(2);

  const request = bySpanId(placed.parentSpanContext?.spanId) as ReadableSpan;
  expect(request.kind).toBe(SpanKind.SERVER);
  await spans.linkedTo(placed, "publish doubleshot-orders-events.fifo");
  const queueing = await spans.linkedTo(placed, "process barista");
  expect(queued.parentSpanContext?.spanId).toBe(queueing.spanContext().spanId);
  expect([claimed, finished].map((commit) => linksTo(commit, placed))).toEqual([true, true]);
  await spans.linkedTo(claimed, "publish doubleshot-barista-events.fifo");
  await spans.linkedTo(claimed, "process orders");
  await spans.linkedTo(finished, "publish doubleshot-barista-events.fifo");
  const completing = await spans.linkedTo(finished, "process orders");
  expect(linksTo(request, completing)).toBe(true);
  expect(request.links).toHaveLength(1);
});

test("the spans have the names and attributes of OpenTelemetry's conventions", async () => {
  const id = await served(urls.counter, "conventions");
  const [placed] = await commitsOf("conventions", 6);
  const request = placed?.maker as ReadableSpan;
  expect(request.attributes).toMatchObject({
    "http.request.method": "POST",
    "http.route": "/order",
    "http.response.status_code": 200,
    "url.path": "/order/",
    "url.scheme": "http",
    "server.address": "127.0.0.1",
    "client.address": "127.0.0.1",
    "network.protocol.version": "1.1",
  });
  expect(placed?.commit.attributes).toMatchObject({ "messaging.operation.type": "create" });
  const aboutOrder = spans.all.filter(({ attributes }) => attributes["cloudevents.event_subject"] === `order#${id}`);
  expect(aboutOrder.map(({ name }) => name)).toEqual(["process barista"]);
});

test("log lines carry the ids of their span", async () => {
  await served(urls.counter, "logged");
  const [placed] = await commitsOf("logged", 6);
  const { traceId, spanId } = placed?.maker.spanContext() ?? {};
  await expect
    .poll(() => shop.lines.filter((line) => line.correlationId === "logged"), { interval: 5 })
    .toMatchObject([{ msg: "request completed", trace_id: traceId, span_id: spanId, trace_flags: "01" }]);
});
