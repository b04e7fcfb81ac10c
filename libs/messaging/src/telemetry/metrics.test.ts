import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { ResourceNotFoundException } from "@aws-sdk/client-dynamodb";
import { Registry } from "prom-client";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Noted, type NotesAws, noteCommit, openNotesAws, tables } from "../../test/fixtures/notes-aws.fixture.ts";
import { RecordedMetrics } from "../../test/fixtures/recorded-metrics.fixture.ts";
import { scriptedTable } from "../../test/fixtures/scripted-table.fixture.ts";
import { toWire } from "../events/envelope.ts";
import {
  createOutbox,
  type Delivery,
  ignore,
  instruments,
  type Message,
  type MetricLabels,
  type MetricName,
  on,
  type Settled,
  subscriber,
} from "../index.ts";
import { realClock } from "../runtime/clock.ts";
import { emfMetrics } from "./emf.ts";
import { prometheusMetrics } from "./prometheus.ts";

const publishedAt = Date.parse("2026-01-01T00:00:00.000Z");
const metrics = new RecordedMetrics();
/** Sleeps take no time, and every message is handled a second and a half after its publication. */
const clock = { ...realClock, now: () => publishedAt + 1_500 };
const timeoutError = Object.assign(new Error("no answer"), { name: "TimeoutError", $metadata: {} });

let notes: NotesAws;
beforeAll(async () => {
  notes = await openNotesAws();
});
afterAll(() => notes?.aws.close());
beforeEach(() => metrics.forget());

const outboxOf = (client = notes.documents) => createOutbox({ client, source: "/notes", tables, metrics, clock });

describe("commits are measured", () => {
  const source = "/notes";

  test("by their outcome, and how long they took", async () => {
    const outbox = outboxOf();
    const id = randomUUID();
    await outbox.commit(noteCommit(id, "milk"));
    await outbox.commit(noteCommit(id, "late")).catch(() => undefined);
    const put = { TableName: tables.notes, Item: { id }, ConditionExpression: "attribute_not_exists(id)" };
    await outbox.commit({ guarded: { unique: { Put: put } } });
    const unansweredOutbox = outboxOf(scriptedTable([timeoutError]).client);
    await unansweredOutbox.commit(noteCommit(id, "milk"), { timeoutMs: 0 }).catch(() => undefined);
    const wrong = { ...noteCommit(id, "milk", 1), events: [Noted({ text: JSON.parse("7") })] };
    await outbox.commit(wrong).catch(() => undefined);

    expect(metrics.labels("outbox.commit.duration")).toEqual([
      { source, outcome: "committed" },
      { source, outcome: "conflict" },
      { source, outcome: "refused" },
      { source, outcome: "unknown" },
      { source, outcome: "failed" },
    ]);
    expect(metrics.values("outbox.commit.duration").every((seconds) => seconds > 0 && seconds < 60)).toBe(true);
  });

  test("of a handler too, and a message handled before counts as `duplicate`", async () => {
    const one = delivery();
    const sub = readers((message) => message.commit({}));
    await sub.handle(one);
    await sub.handle(one);
    expect(metrics.labels("outbox.commit.duration")).toEqual([
      { source, outcome: "committed" },
      { source, outcome: "duplicate" },
    ]);
  });
});

function delivery(type = "Noted"): Delivery {
  const id = randomUUID();
  const body = toWire({
    specversion: "1.0",
    id,
    type,
    source: "/elsewhere",
    subject: "note#1",
    time: new Date().toISOString(),
    datacontenttype: "application/json",
    dataschema: "/elsewhere/Noted/1",
    sequence: "000000000001.000",
    correlationid: "story",
    data: { text: "milk" },
  });
  return { body, receiveCount: 1, sentAt: publishedAt };
}

type Noting = Message<{ text: string }>;

function readers(handler: (message: Noting) => Promise<Settled>, outbox = outboxOf()) {
  return subscriber("readers", outbox, [on(Noted, handler)]);
}

describe("deliveries are measured", () => {
  const outcomes = () => metrics.labels("subscriber.process.duration").map(({ outcome }) => outcome);

  test("by their outcome: committed, duplicate, ignored, unknown, failed", async () => {
    const one = delivery();
    await readers((message) => message.commit({})).handle(one);
    await readers((message) => message.commit({})).handle(one);
    await readers(async () => ignore("not ours")).handle(delivery());
    await readers(async () => ignore("not ours")).handle(delivery("Erased"));
    await expect(readers(() => Promise.reject(new Error("broken"))).handle(delivery())).rejects.toThrow("broken");
    await expect(readers(async () => ignore("")).handle({ ...one, body: "no JSON" })).rejects.toThrow("not JSON");
    expect(outcomes()).toEqual(["committed", "duplicate", "ignored", "unknown", "failed", "failed"]);
    expect(metrics.values("subscriber.process.duration").every((seconds) => seconds > 0 && seconds < 60)).toBe(true);
  });

  test("as an outage when AWS is what failed", async () => {
    const outboxWithoutTable = outboxOf(
      scriptedTable([new ResourceNotFoundException({ message: "gone", $metadata: {} })]).client,
    );
    await expect(readers((message) => message.commit({}), outboxWithoutTable).handle(delivery())).rejects.toThrow(
      "gone",
    );
    expect(outcomes()).toEqual(["outage"]);
  });

  test("from the queue to the effect, on the first delivery only", async () => {
    const one = delivery();
    const sub = readers((message) => message.commit({}));
    await sub.handle(one);
    await sub.handle(one);
    await sub.handle({ ...delivery(), sentAt: publishedAt + 9_000 });
    expect(metrics.values("subscriber.lag")).toEqual([1.5, 0]);
  });

  test("when the queue hands a message out again", async () => {
    const sub = readers((message) => message.commit({}));
    await sub.handle(delivery());
    expect(metrics.values("subscriber.retries")).toEqual([]);
    await sub.handle({ ...delivery(), receiveCount: 2 });
    expect(metrics.values("subscriber.retries")).toEqual([1]);
  });

  test("when a handler runs again because somebody else had committed in between", async () => {
    const id = randomUUID();
    await notes.outbox.commit(noteCommit(id, "first"));
    let version = 0;
    await readers((message) => message.commit(noteCommit(id, "handled", version++))).handle(delivery());
    expect(metrics.values("subscriber.conflicts")).toEqual([1]);
  });

  test("while they are in flight", async () => {
    const level = () => metrics.values("subscriber.in_flight").reduce((sum, step) => sum + step, 0);
    const seen: number[] = [];
    const sub = readers(async (message) => {
      seen.push(level());
      if (seen.length === 1) await sub.handle(delivery());
      return message.commit({});
    });
    await sub.handle(delivery());
    await expect(readers(() => Promise.reject(new Error("broken"))).handle(delivery())).rejects.toThrow();
    expect(seen).toEqual([1, 2]);
    expect(level()).toBe(0);
  });
});

test("a metrics sink that throws fails no commit and no message", async () => {
  const broken = {
    record: () => {
      throw new Error("the registry is full");
    },
  };
  const outbox = createOutbox({ client: notes.documents, source: "/notes", tables, metrics: broken });
  expect(await outbox.commit(noteCommit(randomUUID(), "milk"))).toMatchObject({ outcome: "committed" });
  const sub = readers((message) => message.commit({}), outbox);
  expect(await sub.handle(delivery())).toMatchObject({ outcome: "committed" });
});

test("the README names each metric as Prometheus and CloudWatch show it", async () => {
  const readme = await readFile(new URL("../../README.md", import.meta.url), "utf8");
  const registry = new Registry();
  const lines: string[] = [];
  const emf = emfMetrics({ namespace: "Shop", write: (line) => lines.push(line) });
  for (const name of Object.keys(instruments) as MetricName[]) {
    const labels = { source: "/shop", subscriber: "readers", outcome: "committed" };
    const own = Object.fromEntries(instruments[name].labels.map((label) => [label, labels[label]]));
    for (const adapter of [prometheusMetrics(registry), emf]) adapter.record(name, 1, own as MetricLabels<typeof name>);
  }
  emf.flush();
  const inCloudWatch = lines.flatMap((line) => JSON.parse(line)._aws.CloudWatchMetrics[0].Metrics);
  const names = [...registry.getMetricsAsArray(), ...inCloudWatch.map(({ Name }) => ({ name: Name }))];
  expect(names.map(({ name }) => name).filter((name) => !new RegExp(`\`${name}[\`{]`).test(readme))).toEqual([]);
  expect(names).toHaveLength(Object.keys(instruments).length * 2 - 1);
});
