import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { GetQueueAttributesCommand, ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import { PutCommand, TransactWriteCommand } from "@aws-sdk/lib-dynamodb";
import { shop as coffeeShop } from "@doubleshot/shop";
import { physicalName, queueUrl, type Topology } from "@doubleshot/topology";
import type { DynamoDBRecord } from "aws-lambda";
import { expect, onTestFinished, test, vi } from "vitest";
import { StreamReads } from "./event-source/stream/stream-reads.ts";
import type { Handler, LocalAws, LocalAwsOptions } from "./index.ts";
import { startLocalAws } from "./index.ts";
import { newFolder } from "./processes.fixture.ts";

const { topology } = coffeeShop;
const relay = topology.mappings["orders-outbox-relay"];

/** Only what one relay needs, with other settings for its mapping. */
const topologyWith = (settings: Partial<typeof relay> | Record<string, unknown>): Topology => ({
  ...topology,
  mappings: { "orders-outbox-relay": { ...relay, ...settings } },
});

const aggregateOf = (record: DynamoDBRecord) => record.dynamodb?.Keys?.aggregate?.S;

async function start(handler: Handler, options: LocalAwsOptions = {}) {
  const times = { firstRetry: 1, longestRetry: 5 };
  const aws = await startLocalAws({ topology, times, functions: { "orders-outbox-relay": { handler } }, ...options });
  onTestFinished(() => aws.close());
  return aws;
}

/** One transaction each, as the outbox writes them. */
async function commit(aws: LocalAws, aggregates: readonly string[], shop = "doubleshot") {
  const TableName = physicalName(shop, "orders-outbox");
  for (const aggregate of aggregates) {
    const Item = { aggregate, version: 1, events: [] };
    await aws.clients.documents.send(new TransactWriteCommand({ TransactItems: [{ Put: { TableName, Item } }] }));
  }
}

async function onFailure(aws: LocalAws) {
  const QueueUrl = await queueUrl(aws.clients, "doubleshot", "orders-outbox-failed");
  const { Messages = [] } = await aws.clients.longPolls.send(
    new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5 }),
  );
  return Messages.map(({ Body = "" }) => JSON.parse(Body));
}

test("records reach the function in order and in Lambda's shape", async () => {
  const seen: DynamoDBRecord[] = [];
  const aws = await start(async ({ Records }) => void seen.push(...Records));
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
  const pace = { busy: 2, idle: 600_000, woken: 600_000 };
  const reads = vi.spyOn(StreamReads.prototype, "get");
  const aws = await start(async ({ Records }) => void seen.push(...Records.map(aggregateOf)), { pace });
  await expect.poll(() => reads.mock.settledResults[0]?.type).toBe("fulfilled");
  await commit(aws, ["order#1"]);
  await expect.poll(() => seen).toEqual(["order#1"]);
});

test("records that a function did not see within 24 hours are gone, and the log says so", async () => {
  const data = newFolder();
  const log: string[] = [];
  const first = await start(async () => undefined, { data });
  await commit(first, ["order#1"]);
  const checkpoint = join(data, "checkpoints", `${physicalName("doubleshot", "orders-outbox-relay")}.json`);
  await expect.poll(() => readFileSync(checkpoint, { encoding: "utf8", flag: "a+" })).toContain("after");
  await first.close();

  const without = await start(async () => undefined, { data, functions: {} });
  await commit(without, ["order#2", "order#3"]);
  await without.close();
  const db = new DatabaseSync(join(data, "dynamodb.db"));
  db.exec("UPDATE _stream_records SET created_at = created_at - 25 * 3600");
  db.close();
  // The trim comes before the mapping here; with a mapping at work, whichever is first wins, as on AWS.
  const trimming = await start(async () => undefined, { data, functions: {} });
  await expect.poll(() => recordsKept(data)).toBe(1);
  await trimming.close();

  const seen: unknown[] = [];
  const last = await start(async ({ Records }) => void seen.push(...Records.map(aggregateOf)), {
    data,
    log: ({ msg }) => log.push(msg),
  });
  await commit(last, ["order#4"]);
  // The third is too old for its mapping; it is kept for the sequence number alone.
  await expect.poll(() => seen).toEqual(["order#4"]);
  expect(log).toContain("records were trimmed before they were read: going on at the oldest");
});

function recordsKept(data: string): unknown {
  const db = new DatabaseSync(join(data, "dynamodb.db"));
  try {
    const sql = "SELECT count(*) AS kept FROM _stream_records WHERE table_name = ?";
    return db.prepare(sql).get(physicalName("doubleshot", "orders-outbox"))?.kept;
  } finally {
    db.close();
  }
}

test("a handler that throws gets its records again, before any later ones", async () => {
  const calls: unknown[] = [];
  const aws = await start(async ({ Records }) => {
    calls.push(Records.map(aggregateOf));
    if (calls.length < 4) throw new Error("not yet");
  });
  await commit(aws, ["order#1"]);
  await expect.poll(() => calls).toHaveLength(4);
  expect(calls).toEqual([["order#1"], ["order#1"], ["order#1"], ["order#1"]]);
});

test("closing waits for no invocation that does not end", async () => {
  const begun = Promise.withResolvers<{ getRemainingTimeInMillis(): number }>();
  const aws = await start((_, context) => {
    begun.resolve(context);
    return new Promise(() => {});
  });
  await commit(aws, ["order#1"]);
  const context = await begun.promise;
  await aws.close();
  expect(context.getRemainingTimeInMillis()).toBeGreaterThan(0);
});

test("what a handler reports as failed comes again, what came before it does not", async () => {
  const handled: unknown[] = [];
  let refusals = 3;
  const aws = await start(async ({ Records }) => {
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

test("a poisoned record ends in the on-failure queue with its place in the stream, the others are handled", async () => {
  const handled: unknown[] = [];
  const opened = Promise.withResolvers<void>();
  const aws = await start(
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
  const aws = await start(
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

test("closing does not wait for a handler that hangs", async () => {
  const entered = Promise.withResolvers<void>();
  const aws = await start(async () => {
    entered.resolve();
    return new Promise(() => undefined);
  });
  await commit(aws, ["order#1"]);
  await entered.promise;
  // Waiting would take the function's 30 seconds, and this test would run out of time.
  await aws.close();
});

test("many run side by side and know nothing of each other", async () => {
  const seen: string[][] = [[], [], []];
  const many = await Promise.all(
    seen.map((records) => start(async (event) => void records.push(...event.Records.map((r) => aggregateOf(r) ?? "")))),
  );
  await Promise.all(many.map((aws, index) => commit(aws, [`order#${index}`])));
  await expect.poll(() => seen).toEqual([["order#0"], ["order#1"], ["order#2"]]);
  expect(new Set(many.map(({ endpoints }) => endpoints.dynamodb)).size).toBe(3);
  expect(new Set(many.map(({ endpoints }) => endpoints.sqs)).size).toBe(3);
});

test("another shop on the same topology has names of its own", async () => {
  const seen: unknown[] = [];
  const aws = await start(async ({ Records }) => void seen.push(...Records.map(aggregateOf)), { shop: "tiny" });
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
