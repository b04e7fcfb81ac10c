import type { SQSEvent } from "aws-lambda";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createOutbox, ignore, lambdaConsumer, type Message, on, poll, relay, subscriber } from "../../src/index.ts";
import { inboxTable, outboxTable } from "../../src/infrastructure.ts";
import { suspectsIn } from "../../src/markers/marker-index.ts";
import { FakeAws } from "../../src/testing/index.ts";
import { delivery } from "../fixtures/delivery.fixture.ts";
import { Noted } from "../fixtures/notes.fixture.ts";
import { ample, insertion } from "../fixtures/stream-records.fixture.ts";

const aws = new FakeAws({
  tables: { outbox: outboxTable, inbox: inboxTable },
  queues: { "readers.fifo": { fifo: true } },
});
const tables = { outbox: "outbox", inbox: "inbox" };
const { documents: client, sqs } = aws.clients();
const failingCallbacks = [
  [
    "throws",
    () => {
      throw new Error("cannot be told");
    },
  ],
  ["rejects", () => Promise.reject(new Error("cannot be told"))],
] as const;
const outboxOf = (options = {}) => createOutbox({ client, source: "/notes", tables, ...options });

const warnings: string[] = [];
const collect = ({ message }: Error) => warnings.push(message);
beforeAll(() => process.on("warning", collect));
afterAll(() => process.off("warning", collect));

test.each(failingCallbacks)("metrics whose record %s cost no message", async (_, record) => {
  const readers = subscriber("readers", outboxOf({ metrics: { record } }), [on(Noted, async () => ignore("read"))]);
  expect(await readers.handle(delivery())).toMatchObject({ outcome: "ignored" });
});

test.each(failingCallbacks)(
  "a Lambda consumer whose onFailure %s reports the failed message, and Node.js warns",
  async (_, onFailure) => {
    warnings.length = 0;
    const readers = subscriber("readers", outboxOf(), []);
    const attributes = { ApproximateReceiveCount: "1", SentTimestamp: "0", MessageGroupId: "g" };
    const record = { messageId: "1", receiptHandle: "1", body: "{", attributes, messageAttributes: {} };
    const event = { Records: [record] } as unknown as SQSEvent;
    const answer = await lambdaConsumer(readers, { onFailure })(event);
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: "1" }] });
    await expect.poll(() => warnings).toEqual(["cannot be told"]);
  },
);

test("a poll whose onSettled rejects ends with that error", async () => {
  const readers = subscriber("readers", outboxOf(), [on(Noted, async () => ignore("read"))]);
  aws.sqs.queue("readers.fifo").send({ body: delivery().body, group: "g", deduplicationId: "1" });
  const onSettled = () => Promise.reject(new Error("cannot be told"));
  const polling = poll(readers, {
    client: sqs,
    queueUrl: aws.queueUrl("readers.fifo"),
    signal: new AbortController().signal,
    onSettled,
  });
  await expect(polling).rejects.toThrow("cannot be told");
});

test.each([undefined, { outcome: "refused" }])(
  "a handler that returns %j gets an error that says what to return",
  async (returned) => {
    const handler = async (_: Message<unknown>) => returned as never;
    const readers = subscriber("readers", outboxOf(), [on(Noted, handler)]);
    await expect(readers.handle(delivery())).rejects.toThrow("return message.commit(...) or ignore(reason)");
  },
);

test.each([0, 0n, { value: "0" }])("an index whose count reads as %o names its markers", (count) => {
  expect(suspectsIn({ names: new Set(["a"]), count })).toEqual(new Set(["a"]));
  expect(suspectsIn({ names: new Set(["a"]), count: { value: "1" } })).toBe("all");
});

test.each(failingCallbacks)(
  "a relay whose onTrouble %s reports what it has not sent, and Node.js warns",
  async (_, onTrouble) => {
    warnings.length = 0;
    const topic = aws.clients().sns;
    topic.middlewareStack.add(() => () => Promise.reject(new Error("down")), { step: "initialize", priority: "high" });
    const topicArn = "arn:aws:sns:us-east-1:123456789012:notes-events.fifo";
    const record = insertion("note#1", 1, ["1"], 1);
    const answer = await relay({ client: topic, topicArn, source: "/notes", onTrouble })({ Records: [record] }, ample);
    expect(answer.batchItemFailures).toHaveLength(1);
    await expect.poll(() => warnings).toEqual(["cannot be told"]);
  },
);
