import { SQSClient } from "@aws-sdk/client-sqs";
import type { SQSEvent, SQSRecord } from "aws-lambda";
import { expect, test } from "vitest";
import { scriptedTable } from "../../test/fixtures/scripted-table.fixture.ts";
import { lambdaConsumer, type Subscriber } from "../index.ts";
import { realClock } from "../runtime/clock.ts";

function record(messageId: string, group?: string): SQSRecord {
  return {
    messageId,
    body: messageId,
    receiptHandle: "",
    attributes: {
      ApproximateReceiveCount: "2",
      SentTimestamp: "1767225600000",
      SenderId: "",
      ApproximateFirstReceiveTimestamp: "",
      ...(group === undefined ? {} : { MessageGroupId: group }),
    },
    messageAttributes: {},
    md5OfBody: "",
    eventSource: "aws:sqs",
    eventSourceARN: "",
    awsRegion: "",
  };
}

/** An inbox whose calls all end with the error. */
function inboxThat(fails: Error): Subscriber["inbox"] {
  return { client: scriptedTable([fails]).client, table: "inbox", clock: realClock };
}

function failingOn(...poison: string[]) {
  const handled: string[] = [];
  const subscriber: Subscriber = {
    name: "readers",
    types: [],
    inbox: inboxThat(new Error("Nothing here asks for blocked groups.")),
    handle: async ({ body, receiveCount, sentAt }) => {
      expect([receiveCount, sentAt]).toEqual([2, 1_767_225_600_000]);
      if (poison.includes(body)) throw new Error(body);
      handled.push(body);
      return { outcome: "committed", id: body, type: "Noted", subject: "note#1" };
    },
  };
  return { handled, subscriber };
}

const event = (...Records: SQSRecord[]): SQSEvent => ({ Records });

test("a batch that is handled reports no failure", async () => {
  const { handled, subscriber } = failingOn();
  expect(await lambdaConsumer(subscriber)(event(record("a", "1"), record("b", "2")))).toEqual({
    batchItemFailures: [],
  });
  expect(handled.toSorted()).toEqual(["a", "b"]);
});

test("after a failure the rest of its group is not handled and reported with it, other groups go on", async () => {
  const { handled, subscriber } = failingOn("b");
  const failures: string[] = [];
  const consume = lambdaConsumer(subscriber, { onFailure: (_, { messageId }) => failures.push(messageId) });
  const response = await consume(
    event(record("a", "1"), record("b", "1"), record("x", "2"), record("c", "1"), record("y", "2")),
  );
  expect(response.batchItemFailures).toEqual([{ itemIdentifier: "b" }, { itemIdentifier: "c" }]);
  expect(handled.toSorted()).toEqual(["a", "x", "y"]);
  expect(failures).toEqual(["b"]);
});

test("messages of a standard queue fail each by itself", async () => {
  const { subscriber } = failingOn("a");
  const response = await lambdaConsumer(subscriber)(event(record("a"), record("b")));
  expect(response.batchItemFailures).toEqual([{ itemIdentifier: "a" }]);
});

test("while the markers of blocked groups cannot be read, nothing is handled, and all messages are reported", async () => {
  const { handled, subscriber } = failingOn();
  const failures: unknown[] = [];
  const consume = lambdaConsumer(
    { ...subscriber, inbox: inboxThat(new Error("no answer")) },
    {
      deadLetters: { client: new SQSClient({ region: "us-east-1" }), queueUrl: "http://queue" },
      onFailure: (error, { messageId }) => failures.push([messageId, error]),
    },
  );
  const response = await consume(event(record("a", "1"), record("b", "2")));
  expect(response.batchItemFailures).toEqual([{ itemIdentifier: "a" }, { itemIdentifier: "b" }]);
  expect(handled).toEqual([]);
  expect(failures).toEqual(["a", "b"].map((id) => [id, new Error("no answer")]));
});
