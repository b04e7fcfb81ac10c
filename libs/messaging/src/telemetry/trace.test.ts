import { randomUUID } from "node:crypto";
import { context, createTraceState, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import {
  Noted,
  type NotesAws,
  noteCommit,
  noteCommitWithoutEvents,
  openNotesAws,
  tables,
} from "../../test/fixtures/notes-aws.fixture.ts";
import { ScriptedTopic } from "../../test/fixtures/scripted-topic.fixture.ts";
import { ample, insertion } from "../../test/fixtures/stream-records.fixture.ts";
import { type Envelope, fromWire, toWire } from "../events/envelope.ts";
import { type Message, on, relay, type Settled, subscriber, withContext } from "../index.ts";

const exporter = new InMemorySpanExporter();
let notes: NotesAws;

beforeAll(async () => {
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }));
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  notes = await openNotesAws();
});
afterAll(async () => {
  await notes?.aws.close();
  trace.disable();
  context.disable();
});
beforeEach(() => exporter.reset());

function span(name: string): ReadableSpan {
  const found = exporter.getFinishedSpans().filter((finished) => finished.name === name);
  expect(found).toHaveLength(1);
  return found[0] as ReadableSpan;
}

const traceparentOf = (of: ReadableSpan) => `00-${of.spanContext().traceId}-${of.spanContext().spanId}-01`;
const commitSpan = `commit ${tables.outbox}`;

async function storedEnvelope(id: string): Promise<Envelope> {
  const row = (await notes.outboxRow(`note#${id}`, 1)) as { events: { json: string }[] };
  return fromWire(row.events[0]?.json ?? "");
}

type Noting = Message<{ text: string }>;
const readers = (handler: (message: Noting) => Promise<Settled>) =>
  subscriber("readers", notes.outbox, [on(Noted, handler)]);

async function committedNote(): Promise<Envelope> {
  const id = randomUUID();
  await notes.outbox.commit(noteCommit(id, "milk"));
  return storedEnvelope(id);
}

const delivered = (envelope: Envelope) => ({ body: toWire(envelope), receiveCount: 1, sentAt: Date.now() });

describe("a commit", () => {
  test("is a producer's span, whose context is stored with what it creates", async () => {
    const envelope = await committedNote();
    const commit = span(commitSpan);
    expect(commit.kind).toBe(SpanKind.PRODUCER);
    expect(commit.attributes).toEqual({
      "messaging.system": "doubleshot",
      "messaging.operation.name": "commit",
      "messaging.operation.type": "create",
      "messaging.destination.name": tables.outbox,
      "messaging.message.id": envelope.id,
      "cloudevents.event_source": "/notes",
      "cloudevents.event_type": "Noted",
    });
    expect(envelope.traceparent).toBe(traceparentOf(commit));
    expect(envelope).not.toHaveProperty("tracestate");
  });

  test("says how many messages it creates when there are several, and passes the trace state on", async () => {
    const id = randomUUID();
    const traceState = createTraceState("shop=1");
    const caller = { traceId: "a".repeat(32), spanId: "b".repeat(16), traceFlags: 1, traceState };
    const commit = { ...noteCommit(id, "milk"), events: [Noted({ text: "a" }), Noted({ text: "b" })] };
    await context.with(trace.setSpanContext(context.active(), caller), () => notes.outbox.commit(commit));
    expect(span(commitSpan).parentSpanContext?.spanId).toBe(caller.spanId);
    expect(span(commitSpan).attributes).toMatchObject({ "messaging.batch.message_count": 2 });
    expect(await storedEnvelope(id)).toMatchObject({
      traceparent: traceparentOf(span(commitSpan)),
      tracestate: "shop=1",
    });
  });

  test("in the context of another trace links there, and names the conversation", async () => {
    const traceparent = `00-${"a".repeat(32)}-${"b".repeat(16)}-01`;
    await withContext({ correlationId: "story", traceparent }, () =>
      notes.outbox.commit(noteCommit(randomUUID(), "milk")),
    );
    expect(span(commitSpan).links).toMatchObject([{ context: { traceId: "a".repeat(32), spanId: "b".repeat(16) } }]);
    expect(span(commitSpan).attributes).toMatchObject({ "messaging.message.conversation_id": "story" });
    expect(span(commitSpan).spanContext().traceId).not.toBe("a".repeat(32));
  });

  test("without events creates no message", async () => {
    const silent = noteCommitWithoutEvents(randomUUID(), "milk");
    await notes.outbox.commit(silent);
    expect(span(commitSpan).kind).toBe(SpanKind.INTERNAL);
  });

  test("that conflicts is an error of that name", async () => {
    const id = randomUUID();
    await notes.outbox.commit(noteCommit(id, "milk"));
    exporter.reset();
    await notes.outbox.commit(noteCommit(id, "late")).catch(() => undefined);
    expect(span(commitSpan).status.code).toBe(SpanStatusCode.ERROR);
    expect(span(commitSpan).attributes).toMatchObject({ "error.type": "ConcurrencyConflictError" });
  });
});

describe("the relay", () => {
  const topicArn = "arn:aws:sns:us-east-1:123456789012:notes-events.fifo";
  const publish = (topic: ScriptedTopic) =>
    relay({ client: topic.client, topicArn, source: "/notes" })(
      { Records: [insertion("note#1", 1, ["a"], 0), insertion("note#2", 1, ["b"], 1)] },
      ample,
    );

  test("has a client's span for each call", async () => {
    await publish(new ScriptedTopic());
    expect(span("publish notes-events.fifo").kind).toBe(SpanKind.CLIENT);
    expect(span("publish notes-events.fifo").attributes).toEqual({
      "messaging.system": "aws.sns",
      "messaging.operation.name": "publish",
      "messaging.operation.type": "send",
      "messaging.destination.name": "notes-events.fifo",
      "messaging.batch.message_count": 2,
      "aws.sns.topic.arn": topicArn,
    });
    expect(span("publish notes-events.fifo").links).toEqual([]);
  });

  test("links a call to the commits of its events, by the id of each", async () => {
    const envelope = await committedNote();
    const records = [insertion("note#1", 1, [toWire(envelope)], 0), insertion("note#2", 1, ["no JSON"], 1)];
    await relay({ client: new ScriptedTopic().client, topicArn, source: "/notes" })({ Records: records }, ample);
    const { traceId, spanId } = span(commitSpan).spanContext();
    expect(span("publish notes-events.fifo").links).toMatchObject([
      { context: { traceId, spanId }, attributes: { "messaging.message.id": `id-${toWire(envelope)}` } },
    ]);
  });

  test("parses no message for a call that is not recorded", async () => {
    const parse = vi.spyOn(JSON, "parse");
    const unrecorded = { traceId: "a".repeat(32), spanId: "b".repeat(16), traceFlags: 0 };
    await context.with(trace.setSpanContext(context.active(), unrecorded), () => publish(new ScriptedTopic()));
    expect(parse).not.toHaveBeenCalledWith("a");
    parse.mockRestore();
  });

  test("leaves on the span why a call failed", async () => {
    await publish(new ScriptedTopic(() => "lose the call"));
    expect(span("publish notes-events.fifo").status.code).toBe(SpanStatusCode.ERROR);
    expect(span("publish notes-events.fifo").attributes).toMatchObject({ "error.type": "TimeoutError" });
  });
});

describe("a handler", () => {
  test("runs in a consumer's span of its own trace, linked to the commit that created the message", async () => {
    const envelope = await committedNote();
    const creation = span(commitSpan).spanContext();
    exporter.reset();
    let seen: string | undefined;
    const handler = (message: Noting) => {
      seen = message.traceparent;
      return message.commit(noteCommit(message.id, "caused"));
    };
    await readers(handler).handle(delivered(envelope));

    expect(seen).toBe(envelope.traceparent);
    const process = span("process readers");
    expect(process.kind).toBe(SpanKind.CONSUMER);
    expect(process.parentSpanContext).toBeUndefined();
    expect(process.spanContext().traceId).not.toBe(creation.traceId);
    expect(process.links.map((link) => link.context)).toMatchObject([
      { traceId: creation.traceId, spanId: creation.spanId, isRemote: true },
    ]);
    expect(process.attributes).toEqual({
      "messaging.system": "aws_sqs",
      "messaging.operation.name": "process",
      "messaging.operation.type": "process",
      "messaging.destination.name": "readers",
      "messaging.message.id": envelope.id,
      "messaging.message.conversation_id": envelope.correlationid,
      "cloudevents.event_id": envelope.id,
      "cloudevents.event_source": "/notes",
      "cloudevents.event_type": "Noted",
      "cloudevents.event_subject": envelope.subject,
    });
    // The commit's span is a child of the handler's span, and handlers of its messages link to it.
    expect(span(commitSpan).parentSpanContext?.spanId).toBe(process.spanContext().spanId);
    expect((await storedEnvelope(envelope.id)).traceparent).toBe(traceparentOf(span(commitSpan)));
  });

  test("that throws leaves its error on the span", async () => {
    const envelope = await committedNote();
    await expect(readers(() => Promise.reject(new TypeError("broken"))).handle(delivered(envelope))).rejects.toThrow();
    expect(span("process readers").status).toEqual({ code: SpanStatusCode.ERROR, message: "broken" });
    expect(span("process readers").attributes).toMatchObject({ "error.type": "TypeError" });
  });
});

describe("a handler's link", () => {
  test("restores the trace state", async () => {
    const traceparent = `00-${"a".repeat(32)}-${"b".repeat(16)}-00`;
    const envelope = { ...(await committedNote()), traceparent, tracestate: "shop=1" };
    await readers((message) => message.commit({})).handle(delivered(envelope));
    const [link] = span("process readers").links;
    expect(link?.context).toMatchObject({ traceId: "a".repeat(32), spanId: "b".repeat(16), traceFlags: 0 });
    expect(link?.context.traceState?.serialize()).toBe("shop=1");
  });

  test.each([
    ["no trace context", undefined],
    ["another version with more fields", `cc-${"a".repeat(32)}-${"b".repeat(16)}-01-more`],
  ])("takes a message with %s", async (_what, traceparent) => {
    const { traceparent: _, ...envelope } = await committedNote();
    const sub = readers((message) => message.commit({}));
    await sub.handle(delivered({ ...envelope, ...(traceparent && { traceparent }) }));
    expect(span("process readers").links).toHaveLength(traceparent === undefined ? 0 : 1);
  });

  test.each([
    "nonsense",
    `00-${"0".repeat(32)}-${"b".repeat(16)}-01`,
    `00-${"a".repeat(32)}-${"0".repeat(16)}-01`,
    `00-${"a".repeat(32)}-${"b".repeat(16)}-01-more`,
    `ff-${"a".repeat(32)}-${"b".repeat(16)}-01`,
    JSON.parse("7"),
  ])("links to nowhere when the trace context is %j", async (traceparent) => {
    const sub = readers((message) => message.commit({}));
    const settlement = await sub.handle(delivered({ ...(await committedNote()), traceparent }));
    expect(settlement).toMatchObject({ outcome: "committed" });
    expect(span("process readers").links).toEqual([]);
  });
});
