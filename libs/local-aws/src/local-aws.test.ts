import { GetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { coffeeShop } from "@doubleshot/shop";
import { queueUrl } from "@doubleshot/topology";
import type { DynamoDBRecord } from "aws-lambda";
import { expect, test, vi } from "vitest";
import { StreamReads } from "./event-source/stream/stream-reads.ts";
import { startLocalAws } from "./index.ts";
import { aggregateOf, commit, startWithRelay } from "./relay-of-orders.fixture.ts";

const { topology } = coffeeShop;

test("records reach the function in order and in Lambda's shape", async () => {
  const seen: DynamoDBRecord[] = [];
  const aws = await startWithRelay(async ({ Records }) => void seen.push(...Records));
  await commit(aws, ["order#1", "order#2", "order#3"]);
  await expect.poll(() => seen.map(aggregateOf)).toEqual(["order#1", "order#2", "order#3"]);
  expect(seen[0]).toEqual({
    eventID: expect.any(String),
    eventName: "INSERT",
    eventVersion: "1.1",
    eventSource: "aws:dynamodb",
    awsRegion: expect.any(String),
    eventSourceARN: expect.stringMatching(/^arn:aws:dynamodb:.*:table\/doubleshot-orders-outbox\/stream\//),
    dynamodb: {
      ApproximateCreationDateTime: expect.toSatisfy((at: number) => Math.abs(at - Date.now() / 1000) < 100),
      Keys: { aggregate: { S: "order#1" }, version: { N: "1" } },
      NewImage: { aggregate: { S: "order#1" }, version: { N: "1" }, events: { L: [] } },
      SequenceNumber: expect.stringMatching(/^\d+$/),
      SizeBytes: expect.any(Number),
      StreamViewType: "NEW_IMAGE",
    },
  });
});

test("a commit wakes the readers of an idle host", async () => {
  const seen: unknown[] = [];
  // Without being woken, a reader would come back after the test has run out of time.
  const pace = { busyMs: 2, idleMs: 600_000, wokenMs: 600_000 };
  const reads = vi.spyOn(StreamReads.prototype, "get");
  const aws = await startWithRelay(async ({ Records }) => void seen.push(...Records.map(aggregateOf)), { pace });
  await expect.poll(() => reads.mock.settledResults[0]?.type).toBe("fulfilled");
  await commit(aws, ["order#1"]);
  await expect.poll(() => seen).toEqual(["order#1"]);
});

test("many run side by side and know nothing of each other", async () => {
  const seen: string[][] = [[], [], []];
  const many = await Promise.all(
    seen.map((records) =>
      startWithRelay(async (event) => void records.push(...event.Records.map((r) => aggregateOf(r) ?? ""))),
    ),
  );
  await Promise.all(many.map((aws, index) => commit(aws, [`order#${index}`])));
  await expect.poll(() => seen).toEqual([["order#0"], ["order#1"], ["order#2"]]);
  expect(new Set(many.map(({ endpoints }) => endpoints.dynamodb)).size).toBe(3);
  expect(new Set(many.map(({ endpoints }) => endpoints.sqs)).size).toBe(3);
});

test("another shop on the same topology has names of its own", async () => {
  const seen: unknown[] = [];
  const aws = await startWithRelay(async ({ Records }) => void seen.push(...Records.map(aggregateOf)), {
    shop: "tiny",
  });
  await commit(aws, ["order#1"], "tiny");
  await expect.poll(() => seen).toEqual(["order#1"]);
  const QueueUrl = await queueUrl(aws.clients, "tiny", "orders-outbox-failed");
  expect((await aws.clients.sqs.send(new GetQueueAttributesCommand({ QueueUrl }))).$metadata.httpStatusCode).toBe(200);
});

test("a function for a mapping that does not exist is refused by name", async () => {
  const functions = { "order-outbox-relay": { handler: async () => undefined } };
  await expect(startLocalAws({ topology, functions })).rejects.toThrow(
    /order-outbox-relay.*the topology has orders-outbox-relay/,
  );
});

test("another DynamoDB takes dynoxide's place: its streams feed the functions", async () => {
  await using other = await startLocalAws();
  const seen: string[] = [];
  await using aws = await startLocalAws({
    topology,
    shop: "guest",
    dynamodbEndpoint: other.endpoints.dynamodb,
    functions: {
      "orders-outbox-relay": {
        handler: async ({ Records }) => {
          seen.push(...Records.map(({ dynamodb }) => dynamodb?.NewImage?.aggregate?.S ?? ""));
          return { batchItemFailures: [] };
        },
      },
    },
  });
  expect(aws.endpoints.dynamodb).toBe(other.endpoints.dynamodb);
  expect(aws.env.AWS_ENDPOINT_URL_DYNAMODB).toBe(other.endpoints.dynamodb);
  expect(aws.pids).not.toHaveProperty("dynoxide");
  const Item = { aggregate: "order#1", version: 1, events: [] };
  await aws.clients.documents.send(new PutCommand({ TableName: "guest-orders-outbox", Item }));
  await expect.poll(() => seen).toEqual(["order#1"]);
});
