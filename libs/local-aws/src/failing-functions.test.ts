import { ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import { queueUrl } from "@doubleshot/topology";
import { expect, test } from "vitest";
import type { LocalAws } from "./index.ts";
import { aggregateOf, commit, startWithRelay, topologyWith } from "./relay-of-orders.fixture.ts";

test("a handler that throws gets its records again, before any later ones", async () => {
  const calls: unknown[] = [];
  const aws = await startWithRelay(async ({ Records }) => {
    calls.push(Records.map(aggregateOf));
    if (calls.length < 4) throw new Error("not yet");
  });
  await commit(aws, ["order#1"]);
  await expect.poll(() => calls).toHaveLength(4);
  expect(calls).toEqual([["order#1"], ["order#1"], ["order#1"], ["order#1"]]);
});

test("a record that a handler reports as failed comes again, and those before it do not", async () => {
  const handled: unknown[] = [];
  let refusals = 3;
  const aws = await startWithRelay(async ({ Records }) => {
    for (const record of Records) {
      if (aggregateOf(record) === "order#2" && refusals > 0) {
        refusals -= 1;
        return { batchItemFailures: [{ itemIdentifier: record.dynamodb?.SequenceNumber }] };
      }
      handled.push(aggregateOf(record));
    }
    return { batchItemFailures: [] };
  });
  await commit(aws, ["order#1", "order#2", "order#3"]);
  await expect.poll(() => handled).toEqual(["order#1", "order#2", "order#3"]);
});

async function onFailure(aws: LocalAws) {
  const QueueUrl = await queueUrl(aws.clients, "doubleshot", "orders-outbox-failed");
  const { Messages = [] } = await aws.clients.longPolls.send(
    new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5 }),
  );
  return Messages.map(({ Body = "" }) => JSON.parse(Body));
}

test("a poisoned record ends in the on-failure queue with its place in the stream, the others are handled", async () => {
  const handled: unknown[] = [];
  const opened = Promise.withResolvers<void>();
  const aws = await startWithRelay(
    async ({ Records }) => {
      await opened.promise;
      if (Records.some((record) => aggregateOf(record) === "poison")) throw new Error("cannot read this");
      handled.push(...Records.map(aggregateOf));
    },
    { topology: topologyWith({ maximumRetryAttempts: 1 }) },
  );
  await commit(aws, ["order#1", "order#2", "poison", "order#3"]);
  opened.resolve();
  await expect.poll(() => handled).toEqual(["order#1", "order#2", "order#3"]);
  expect(await onFailure(aws)).toEqual([
    {
      requestContext: {
        requestId: expect.any(String),
        functionArn: "arn:aws:lambda:us-east-1:000000000000:function:doubleshot-orders-outbox-relay",
        condition: "RetryAttemptsExhausted",
        approximateInvokeCount: expect.any(Number),
      },
      responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError: "Unhandled" },
      version: "1.0",
      timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
      DDBStreamBatchInfo: {
        shardId: expect.any(String),
        startSequenceNumber: "3",
        endSequenceNumber: "3",
        approximateArrivalOfFirstRecord: expect.stringMatching(/:\d\dZ$/),
        approximateArrivalOfLastRecord: expect.stringMatching(/:\d\dZ$/),
        batchSize: 1,
        streamArn: expect.stringContaining("doubleshot-orders-outbox"),
      },
    },
  ]);
});

test("a handler that is too slow fails its invocation and is tried again", async () => {
  const remaining: number[] = [];
  const aws = await startWithRelay(
    async (_, context) => {
      remaining.push(context.getRemainingTimeInMillis());
      if (remaining.length === 1) await new Promise(() => undefined);
    },
    { topology: topologyWith({ functionTimeoutSeconds: 0.05 }) },
  );
  await commit(aws, ["order#1"]);
  await expect.poll(() => remaining).toHaveLength(2);
  expect(Math.max(...remaining)).toBeLessThanOrEqual(50);
});

test("closing waits for no invocation that does not end", async () => {
  const begun = Promise.withResolvers<{ getRemainingTimeInMillis(): number }>();
  const aws = await startWithRelay((_, context) => {
    begun.resolve(context);
    return new Promise(() => {});
  });
  await commit(aws, ["order#1"]);
  const context = await begun.promise;
  await aws.close();
  expect(context.getRemainingTimeInMillis()).toBeGreaterThan(0);
});
