import { context, propagation, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { eventually, openApp, type TestApp } from "../app.fixture.ts";

const exporter = new InMemorySpanExporter();
let app: TestApp;
let reached = (): void => undefined;

beforeAll(async () => {
  app = await openApp((app) => {
    app.get("/orders/:id", (request, response) => {
      request.log.info("looking");
      trace.getTracer("test").startActiveSpan("work", (span) => {
        request.log.info("working");
        span.end();
      });
      response.json("here");
    });
    app.get("/bug", () => {
      throw new Error("swordfish");
    });
    app.get("/never", () => reached());
  });
});
afterAll(() => app?.[Symbol.asyncDispose]());

const spanNamed = (name: string): Promise<ReadableSpan> =>
  eventually(() => exporter.getFinishedSpans().find((span) => span.name === name));

beforeEach(() => {
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }));
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
});
afterEach(endTracing);

function endTracing(): void {
  trace.disable();
  context.disable();
  propagation.disable();
  exporter.reset();
}

test("a request has a server's span, without its query", async () => {
  await fetch(`${app.url}/orders/7?token=swordfish`, { headers: { "User-Agent": "a browser" } });
  const span = await spanNamed("GET /orders/:id");
  expect(span.kind).toBe(SpanKind.SERVER);
  expect(span.status.code).toBe(SpanStatusCode.UNSET);
  expect(span.attributes).toEqual({
    "http.request.method": "GET",
    "http.route": "/orders/:id",
    "http.response.status_code": 200,
    "url.path": "/orders/7",
    "url.scheme": "http",
    "server.address": "127.0.0.1",
    "server.port": Number(new URL(app.url).port),
    "client.address": "127.0.0.1",
    "network.peer.address": "127.0.0.1",
    "network.protocol.version": "1.1",
    "user_agent.original": "a browser",
  });
});

test("a request continues the trace of its caller", async () => {
  const traceparent = `00-${"a".repeat(32)}-${"b".repeat(16)}-01`;
  await fetch(`${app.url}/orders/7`, { headers: { traceparent } });
  const span = await spanNamed("GET /orders/:id");
  expect(span.spanContext().traceId).toBe("a".repeat(32));
  expect(span.parentSpanContext?.spanId).toBe("b".repeat(16));
});

test("a request that its caller does not record is not recorded", async () => {
  const traceparent = `00-${"a".repeat(32)}-${"b".repeat(16)}-00`;
  await fetch(`${app.url}/orders/8`, { headers: { traceparent } });
  await fetch(`${app.url}/orders/9`);
  await spanNamed("GET /orders/:id");
  expect(exporter.getFinishedSpans().map(({ name }) => name)).toEqual(["work", "GET /orders/:id"]);
});

test("a request that fails is an error, and one for an unknown route has only its method for a name", async () => {
  await fetch(`${app.url}/bug`);
  const failed = await spanNamed("GET /bug");
  expect(failed.status.code).toBe(SpanStatusCode.ERROR);
  expect(failed.attributes).toMatchObject({ "http.response.status_code": 500, "error.type": "500" });
  await fetch(`${app.url}/nowhere`);
  const unknown = await spanNamed("GET");
  expect(unknown.status.code).toBe(SpanStatusCode.UNSET);
  expect(unknown.attributes).toMatchObject({ "http.response.status_code": 404 });
});

test("a request whose client leaves has no status", async () => {
  const gone = new AbortController();
  reached = () => gone.abort();
  await expect(fetch(`${app.url}/never`, { signal: gone.signal })).rejects.toThrow();
  expect((await spanNamed("GET /never")).attributes).not.toHaveProperty("http.response.status_code");
});

test("a request that is a probe has no span", async () => {
  await fetch(`${app.url}/livez`);
  await fetch(`${app.url}/orders/7`);
  await spanNamed("GET /orders/:id");
  expect(exporter.getFinishedSpans().map(({ name }) => name)).not.toContain("GET /livez");
});

test("a request has the ids of the span in which each of its lines is logged", async () => {
  const correlationId = "traced";
  await fetch(`${app.url}/orders/7`, { headers: { "X-Correlation-Id": correlationId } });
  const request = (await spanNamed("GET /orders/:id")).spanContext();
  const work = (await spanNamed("work")).spanContext();
  const lines = () => app.lines.filter((line) => line.correlationId === correlationId);
  await expect.poll(() => lines().length).toBe(3);
  expect(lines().map(({ msg, trace_id, span_id, trace_flags }) => [msg, trace_id, span_id, trace_flags])).toEqual([
    ["looking", request.traceId, request.spanId, "01"],
    ["working", request.traceId, work.spanId, "01"],
    ["request completed", request.traceId, request.spanId, "01"],
  ]);
});

test("without an SDK, lines have no such ids", async () => {
  endTracing();
  await fetch(`${app.url}/orders/7`, { headers: { "X-Correlation-Id": "untraced" } });
  const line = await eventually(() => app.lines.find(({ correlationId }) => correlationId === "untraced"));
  expect(line).not.toHaveProperty("trace_id");
});
