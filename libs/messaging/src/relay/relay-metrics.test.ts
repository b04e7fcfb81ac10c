import { randomUUID } from "node:crypto";
import type { DynamoDBRecord } from "aws-lambda";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type NotesAws, openNotesAws, tables } from "../../test/fixtures/notes-aws.fixture.ts";
import { RecordedMetrics } from "../../test/fixtures/recorded-metrics.fixture.ts";
import { ScriptedTopic } from "../../test/fixtures/scripted-topic.fixture.ts";
import { ample, insertion } from "../../test/fixtures/stream-records.fixture.ts";
import { type MetricName, type RelayOptions, relay } from "../index.ts";
import { realClock } from "../runtime/clock.ts";

const createdAt = 1_767_225_600;
const metrics = new RecordedMetrics();
const clock = { ...realClock, now: () => createdAt * 1000 + 2_500 };
beforeEach(() => metrics.forget());

const total = (name: MetricName) => metrics.values(name).reduce((sum, value) => sum + value, 0);

function relayTo(topic: ScriptedTopic, options: Partial<RelayOptions> = {}) {
  const handler = relay({
    client: topic.client,
    topicArn: "arn:aws:sns:us-east-1:123456789012:notes-events.fifo",
    source: "/shop",
    clock,
    metrics,
    ...options,
  });
  return (...Records: DynamoDBRecord[]) => handler({ Records }, ample);
}

function created(at: number, record: DynamoDBRecord): DynamoDBRecord {
  return { ...record, dynamodb: { ...record.dynamodb, ApproximateCreationDateTime: at } };
}

describe("the relay is measured", () => {
  test("by how long each event waited, from its record's creation to its publication", async () => {
    const old = created(createdAt, insertion("o#1", 1, ["a", "b"], 0));
    const fromTheFuture = created(createdAt + 60, insertion("o#2", 1, ["x"], 1));
    const undated = insertion("o#3", 1, ["y"], 2);
    await relayTo(new ScriptedTopic())(old, fromTheFuture, undated);
    expect(metrics.values("relay.lag").toSorted()).toEqual([0, 2.5, 2.5]);
    expect(total("relay.published")).toBe(4);
    expect(new Set(metrics.labels("relay.lag").map(({ source }) => source))).toEqual(new Set(["/shop"]));
  });

  test("by the size of its invocations and of its calls", async () => {
    const records = Array.from({ length: 12 }, (_, n) => insertion(`o#${n}`, 1, [`m${n}`], n));
    await relayTo(new ScriptedTopic(), { concurrency: 1 })(...records);
    expect(metrics.values("relay.batch.records")).toEqual([12]);
    expect(metrics.values("relay.batch.events")).toEqual([10, 2]);
    expect(metrics.values("relay.unsent")).toEqual([]);
  });

  test("by what SNS refused, and what is left for the stream to bring again", async () => {
    const topic = new ScriptedTopic(({ Message }) => (Message === "b" ? "refuse" : "accept"));
    const unreadable = insertion("o#2", 1, [], 1);
    if (unreadable.dynamodb?.NewImage) unreadable.dynamodb.NewImage.events = { S: "nonsense" };
    await relayTo(topic)(insertion("o#1", 1, ["a", "b", "c"], 0), unreadable);
    expect(total("relay.refused")).toBe(1);
    expect(metrics.values("relay.unsent")).toEqual([3]);
    expect(total("relay.failed_calls")).toBe(0);
  });

  test("by calls that failed as a whole", async () => {
    await relayTo(new ScriptedTopic(() => "lose the call"))(insertion("o#1", 1, ["a", "b"], 0));
    expect(metrics.values("relay.failed_calls")).toEqual([1]);
    expect(total("relay.refused")).toBe(0);
    expect(metrics.values("relay.unsent")).toEqual([2]);
  });

  test("without effect on it when the metrics are broken", async () => {
    const broken = {
      record: () => {
        throw new Error("the registry is full");
      },
    };
    const topic = new ScriptedTopic();
    const response = await relayTo(topic, { metrics: broken })(insertion("o#1", 1, ["a"], 0));
    expect(response).toEqual({ batchItemFailures: [] });
    expect(topic.messages()).toEqual(["a"]);
  });
});

describe("parking is measured", () => {
  let notes: NotesAws;
  beforeAll(async () => {
    notes = await openNotesAws();
  });
  afterAll(() => notes?.aws.close());

  test("row by row: the poisoned one, and those behind it", async () => {
    const parking = { client: notes.documents, table: tables.parked };
    const topic = new ScriptedTopic(({ Message }) => (Message === "b" ? "poison" : "accept"));
    const aggregate = `o#${randomUUID()}`;
    await relayTo(topic, { parking })(insertion(aggregate, 1, ["a", "b"], 0), insertion(aggregate, 2, ["c"], 1));
    expect(total("relay.parked")).toBe(2);
    await relayTo(topic, { parking })(insertion(aggregate, 3, ["d", "e"], 2));
    expect(total("relay.parked")).toBe(3);
    expect(total("relay.published")).toBe(1);
    expect(metrics.values("relay.unsent")).toEqual([]);
  });
});
