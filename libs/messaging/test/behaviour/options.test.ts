import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { SNSClient } from "@aws-sdk/client-sns";
import { SQSClient } from "@aws-sdk/client-sqs";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { Registry } from "prom-client";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { s3ClaimCheck } from "../../src/claim-check/s3-claim-check.ts";
import {
  createOutbox,
  defineEvent,
  lambdaConsumer,
  on,
  poll,
  relay,
  retryConflicts,
  subscriber,
  withContext,
} from "../../src/index.ts";
import { queuePolicy, redrivePolicy, subscription } from "../../src/infrastructure.ts";
import { openGroup, releaseParked } from "../../src/operations.ts";
import { emfMetrics } from "../../src/telemetry/emf.ts";
import { prometheusMetrics } from "../../src/telemetry/prometheus.ts";
import { Noted } from "../fixtures/notes.fixture.ts";

const region = "eu-central-1";
const client = DynamoDBDocumentClient.from(new DynamoDBClient({ region }));
const sqs = new SQSClient({ region });
const topicArn = "arn:aws:sns:eu-central-1:123456789012:orders-events.fifo";
const queueUrl = "https://sqs.eu-central-1.amazonaws.com/123456789012/kitchen.fifo";
const tables = { outbox: "orders-outbox", inbox: "orders-inbox" };

const outbox = createOutbox({ client, source: "/orders", tables });
const handlers = [on(Noted, (message) => message.commit({}))];
const kitchen = subscriber("kitchen", outbox, handlers);
/** Has fired, so a poll that starts by mistake ends. */
const signal = AbortSignal.abort();

const outboxOptions = { client, source: "/orders", tables };
const relayOptions = { client: new SNSClient({ region }), topicArn, source: "/orders" };
const pollOptions = { client: sqs, queueUrl, signal };
const group = { client, table: "orders-inbox", subscriber: "kitchen" };
const parked = { aggregate: "order#1", upTo: 1 };
const blocked = { redrive: "run", upTo: "1" };

/** Calls without type checks, like those with a variable that is not set. */
const calls = {
  createOutbox: (changes: object) => createOutbox({ ...outboxOptions, ...changes }),
  relay: (changes: object) => relay({ ...relayOptions, ...changes }),
  poll: (changes: object) => poll(kitchen, { ...pollOptions, ...changes }),
  lambdaConsumer: (changes: object) => lambdaConsumer(kitchen, changes),
  subscriber: (changes: object) => subscriber("kitchen", outbox, handlers, changes),
  Noted: (changes: object) => defineEvent("Noted", { version: 1, schema: z.object({}), ...changes }),
  withContext: (changes: object) => withContext({ correlationId: "story", ...changes }, () => undefined),
  retryConflicts: (changes: object) => retryConflicts(later, later, later, changes),
  commit: (changes: object) => outbox.commit({ writes: [{}] }, changes),
  s3ClaimCheck: (changes: object) => s3ClaimCheck({ client: new S3Client({ region }), bucket: "claims", ...changes }),
  emfMetrics: (changes: object) => emfMetrics({ namespace: "Shop", ...changes }),
  openGroup: (changes: object) => openGroup({ ...group, ...changes }, "order#1", blocked),
  releaseParked: (changes: object) => releaseParked({ client, table: "orders-parked", ...changes }, parked),
} as const;

async function later(): Promise<void> {}

async function outcomeOf(call: () => unknown): Promise<unknown> {
  try {
    return await call();
  } catch (error) {
    return error;
  }
}

const none = [undefined, null, "", 7, {}];
const noNumbers = ["1", null, Number.NaN, Number.POSITIVE_INFINITY, -1, {}];
const noWhole = [...noNumbers, 0.5];
const noCallback = ["", null, {}];
const noStore = [null, "", {}, { put: later }];
const noSource = ["", undefined, 7, "/two words", "/a#b#c", "/100%", "/größe", "1:2", `/${"s".repeat(256)}`];

const wrong: readonly (readonly [keyof typeof calls, (value: unknown) => object, string, readonly unknown[]])[] = [
  ["createOutbox", (value) => ({ client: value }), "client", none],
  ["createOutbox", (source) => ({ source }), "source", noSource],
  ["createOutbox", (value) => ({ tables: value }), "tables", [undefined, null, "", 7]],
  ["createOutbox", (value) => ({ tables: { ...tables, outbox: value } }), "tables.outbox", [...none, "my table", "ab"]],
  ["createOutbox", (inbox) => ({ tables: { ...tables, inbox } }), "tables.inbox", none],
  ["createOutbox", (retentionDays) => ({ retentionDays }), "retentionDays", ["", null, 7]],
  ["createOutbox", (days) => ({ retentionDays: { outbox: days } }), "retentionDays.outbox", [...noNumbers, 0]],
  ["createOutbox", (days) => ({ retentionDays: { inbox: days } }), "retentionDays.inbox", [...noNumbers, 0]],
  ["createOutbox", (claimCheck) => ({ claimCheck }), "claimCheck", noStore],
  ["createOutbox", (metrics) => ({ metrics }), "metrics", [...noCallback, later]],
  ["relay", (value) => ({ client: value }), "client", none],
  ["relay", (value) => ({ topicArn: value }), "topicArn", [...none, "orders-events.fifo", queueUrl]],
  ["relay", (source) => ({ source }), "source", noSource],
  ["relay", (failures) => ({ failures }), "failures", ["", null, "THROW", true]],
  ["relay", (concurrency) => ({ concurrency }), "concurrency", [...noWhole, 0]],
  ["relay", (parking) => ({ parking }), "parking", ["", null]],
  ["relay", (table) => ({ parking: { client, table } }), "parking.table", none],
  ["relay", (value) => ({ parking: { client: value, table: "parked" } }), "parking.client", none],
  ["relay", (metrics) => ({ metrics }), "metrics", noCallback],
  ["relay", (onParked) => ({ onParked }), "onParked", noCallback],
  ["relay", (onTrouble) => ({ onTrouble }), "onTrouble", noCallback],
  ["poll", (value) => ({ client: value }), "client", none],
  ["poll", (value) => ({ queueUrl: value }), "queueUrl", [...none, "kitchen.fifo", "ftp://x/y", "https://"]],
  ["poll", (value) => ({ signal: value }), "signal", [...none, new AbortController()]],
  ["poll", (concurrency) => ({ concurrency }), "concurrency", [...noWhole, 0]],
  [
    "poll",
    (visibilityTimeoutSeconds) => ({ visibilityTimeoutSeconds }),
    "visibilityTimeoutSeconds",
    [...noWhole, 0, 43_201],
  ],
  ["poll", (deadLetters) => ({ deadLetters }), "deadLetters", ["", null]],
  ["poll", (url) => ({ deadLetters: { queueUrl: url } }), "deadLetters.queueUrl", none],
  ["poll", (n) => ({ deadLetters: { queueUrl, maxAttempts: n } }), "deadLetters.maxAttempts", [...noWhole, 0, 91]],
  ["poll", (onSettled) => ({ onSettled }), "onSettled", noCallback],
  ["poll", (onTrouble) => ({ onTrouble }), "onTrouble", noCallback],
  ["lambdaConsumer", (deadLetters) => ({ deadLetters }), "deadLetters", ["", null]],
  ["lambdaConsumer", (url) => ({ deadLetters: { client: sqs, queueUrl: url } }), "deadLetters.queueUrl", none],
  ["lambdaConsumer", (value) => ({ deadLetters: { client: value, queueUrl } }), "deadLetters.client", none],
  ["lambdaConsumer", (onFailure) => ({ onFailure }), "onFailure", noCallback],
  ["lambdaConsumer", (onDead) => ({ onDead }), "onDead", noCallback],
  ["subscriber", (claimCheck) => ({ claimCheck }), "claimCheck", noStore],
  ["subscriber", (handlerTimeoutMs) => ({ handlerTimeoutMs }), "handlerTimeoutMs", [...noWhole, 0, 2 ** 31]],
  ["Noted", (version) => ({ version }), "version", [...noWhole, 0, undefined]],
  ["Noted", (schema) => ({ schema }), "schema", [...none, { "~standard": {} }]],
  ["Noted", (upcast) => ({ upcast }), "upcast", noCallback],
  ["withContext", (correlationId) => ({ correlationId }), "correlationId", none],
  ["withContext", (causationId) => ({ causationId }), "causationId", ["", null, 7]],
  ["retryConflicts", (attempts) => ({ attempts }), "attempts", [...noWhole, 0]],
  ["retryConflicts", (onConflict) => ({ onConflict }), "onConflict", noCallback],
  ["commit", (timeoutMs) => ({ timeoutMs }), "timeoutMs", ["1", null, Number.NaN, -1]],
  ["commit", (value) => ({ signal: value }), "signal", [null, {}]],
  ["s3ClaimCheck", (value) => ({ client: value }), "client", none],
  ["s3ClaimCheck", (bucket) => ({ bucket }), "bucket", [...none, "my bucket", "s3://claims"]],
  ["s3ClaimCheck", (alsoFrom) => ({ alsoFrom }), "alsoFrom", ["claims", [""], null]],
  ["emfMetrics", (namespace) => ({ namespace }), "namespace", [...none, "a b", "n".repeat(257)]],
  ["emfMetrics", (write) => ({ write }), "write", noCallback],
  ["openGroup", (value) => ({ client: value }), "client", none],
  ["openGroup", (table) => ({ table }), "table", none],
  ["openGroup", (name) => ({ subscriber: name }), "subscriber", [...none, "a#b"]],
  ["releaseParked", (value) => ({ client: value }), "client", none],
  ["releaseParked", (table) => ({ table }), "table", none],
];

describe("a wrong option is refused where it is given, by its name", () => {
  test.each(wrong)("%s, %o: %s", async (name, changes, option, values) => {
    for (const value of values) {
      const outcome = await outcomeOf(() => calls[name](changes(value)));
      expect(outcome, `${name} with ${JSON.stringify(value)}`).toBeInstanceOf(TypeError);
      expect(String(outcome)).toMatch(`TypeError: ${name}'s ${option} is `);
      expect(String(outcome)).toMatch(/: give it .+\.$/);
    }
  });

  test.each(["", "a#b", "a\u0000b", "n".repeat(129), undefined as never])("the name %j of a subscriber", (name) => {
    expect(() => subscriber(name, outbox, handlers)).toThrow("subscriber's name is ");
  });

  test("a wrong value in the place of an outbox, a subscriber, an event or a handler", async () => {
    for (const value of [...none, [{}]] as never[]) {
      expect(() => subscriber("kitchen", value, handlers)).toThrow("subscriber's outbox is ");
      expect(() => subscriber("kitchen", outbox, value)).toThrow("subscriber's subscriptions is ");
      expect(() => on(value, () => value)).toThrow("on's event is ");
      expect(() => on(Noted, value)).toThrow("on's handler is ");
      expect(() => lambdaConsumer(value)).toThrow("lambdaConsumer's subscriber is ");
      await expect(poll(value, pollOptions)).rejects.toThrow("poll's subscriber is ");
      expect(() => prometheusMetrics(value)).toThrow("prometheusMetrics's registry is ");
    }
  });

  test("an ARN that is missing, where settings are made of it", () => {
    for (const value of ["", undefined, null] as never[]) {
      expect(() => redrivePolicy(value)).toThrow("redrivePolicy's deadLetterQueueArn is ");
      expect(() => queuePolicy(value, topicArn)).toThrow("queuePolicy's queueArn is ");
      expect(() => queuePolicy("arn", value)).toThrow("queuePolicy's topicArn is ");
      expect(() => subscription(value)).toThrow("subscription's undeliveredQueueArn is ");
    }
  });

  test("says the whole of it in one sentence", async () => {
    await expect(calls.poll({ queueUrl: "" })).rejects.toThrow(
      new TypeError('poll\'s queueUrl is "": give it the URL of the queue, with http or https.'),
    );
    expect(() => createOutbox(undefined as never)).toThrow("createOutbox's options is undefined: give it an object.");
  });
});

describe("allowed values are accepted", () => {
  test.each(["/orders", "orders", "https://shop.example/orders?v=1#x", "urn:example:orders", `/${"s".repeat(255)}`])(
    "the source %s",
    (source) => {
      calls.createOutbox({ source });
      calls.relay({ source });
    },
  );

  test("the least and the most", async () => {
    const table = "arn:aws:dynamodb:eu-central-1:123456789012:table/orders-outbox";
    calls.createOutbox({ tables: { outbox: table, inbox: "abc" }, retentionDays: { outbox: 0.01, inbox: 36_500 } });
    calls.relay({ concurrency: 1, failures: "throw", parking: { client, table } });
    await calls.poll({ concurrency: 1, visibilityTimeoutSeconds: 43_200, deadLetters: { queueUrl, maxAttempts: 90 } });
    await calls.poll({ queueUrl: "http://127.0.0.1:4566/000000000000/kitchen.fifo" });
    calls.subscriber({ handlerTimeoutMs: 2 ** 31 - 1 });
    await calls.retryConflicts({ attempts: 1 });
    subscriber("the bar, Straße 7", outbox, handlers);
    prometheusMetrics(new Registry());
    defineEvent("e".repeat(128), { version: 1, schema: z.object({}) });
  });

  test("a placeholder of an ARN, such as a token of the CDK", () => {
    const token = ["$", "{Token[TOKEN.7]}"].join("");
    expect(redrivePolicy(token)).toContain(token);
  });
});
