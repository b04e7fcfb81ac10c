import { DynamoDBClient, GetItemCommand, TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { PublishBatchCommand, PublishCommand } from "@aws-sdk/client-sns";
import { DeleteMessageCommand, ReceiveMessageCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import {
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  TransactWriteCommand,
} from "@aws-sdk/lib-dynamodb";
import { describe, expect, test } from "vitest";
import { ClaimCheckMissing } from "../claim-check/claim-check.ts";
import { s3ClaimCheck } from "../claim-check/s3-claim-check.ts";
import { inboxTable, outboxTable } from "../infrastructure.ts";
import { FakeAws, type FakeAwsOptions } from "./fake-aws.ts";
import { queueUrl } from "./sqs/fake-sqs.ts";
import { VirtualTime } from "./time/virtual-time.ts";

const key = { partition: { name: "aggregate", type: "S" }, sort: { name: "version", type: "N" } } as const;
const options = {
  tables: { rows: { key, stream: "NEW_IMAGE", ttl: "expiresAt" } },
  topics: ["news.fifo"],
  queues: { "readers.fifo": { fifo: true }, "writers.fifo": { fifo: true } },
  subscriptions: ["readers.fifo", "writers.fifo"].map((queue) => ({ topic: "news.fifo", queue })),
} as const satisfies FakeAwsOptions;
const readers = { QueueUrl: queueUrl("readers.fifo") };

function put(aggregate: string, version: number, more: object = {}) {
  return { Put: { TableName: "rows", Item: { aggregate, version }, ...more } };
}
const new_ = {
  ConditionExpression: "attribute_not_exists(#a)",
  ExpressionAttributeNames: { "#a": "aggregate" },
  ReturnValuesOnConditionCheckFailure: "ALL_OLD",
} as const;

describe("the fake's S3", () => {
  const claim = { key: "notes/1", body: Buffer.from("large"), sha256: "" };
  const claimCheckIn = (bucket: string) => {
    const aws = new FakeAws({ buckets: ["claims"] });
    return s3ClaimCheck({ client: aws.attach(new S3Client({ region: "eu-central-1" })), bucket });
  };

  test("keeps what is put under its key", async () => {
    const claimCheck = claimCheckIn("claims");
    const uri = await claimCheck.put(claim);
    expect(Buffer.from(await claimCheck.get({ key: claim.key, uri })).toString()).toBe("large");
  });

  test("says what is not there", async () => {
    const gone = claimCheckIn("claims").get({ key: "notes/2", uri: "s3://claims/notes/2" });
    await expect(gone).rejects.toThrow(ClaimCheckMissing);
    await expect(claimCheckIn("elsewhere").put(claim)).rejects.toMatchObject({ name: "NoSuchBucket" });
  });
});

describe("the fake's DynamoDB", () => {
  test("is reached by clients of one's own, in wire values and in native ones", async () => {
    const aws = new FakeAws(options);
    const dynamodb = aws.attach(new DynamoDBClient({ region: "eu-central-1" }));
    const documents = DynamoDBDocumentClient.from(dynamodb);
    await documents.send(
      new PutCommand({ TableName: "rows", Item: { aggregate: "a", version: 1, list: [{ S: "x" }] } }),
    );
    const Key = { aggregate: "a", version: 1 };
    expect((await documents.send(new GetCommand({ TableName: "rows", Key }))).Item).toEqual({
      ...Key,
      list: [{ S: "x" }],
    });
    const raw = { aggregate: { S: "a" }, version: { N: "1" } };
    const { Item } = await dynamodb.send(new GetItemCommand({ TableName: "rows", Key: raw }));
    expect(Item).toEqual({ ...raw, list: { L: [{ M: { S: { S: "x" } } }] } });
  });

  test("takes a table's settings as CreateTable does", async () => {
    const aws = new FakeAws({ tables: { rows: outboxTable, handled: inboxTable } });
    const { documents } = aws.clients();
    await documents.send(new TransactWriteCommand({ TransactItems: [put("a", 1, new_)] }));
    await documents.send(new PutCommand({ TableName: "handled", Item: { message: "m" } }));
    await expect(documents.send(new PutCommand({ TableName: "rows", Item: { aggregate: "a" } }))).rejects.toThrow(
      "version",
    );
    expect(aws.stream("rows").shards.flatMap(({ records }) => records)).toHaveLength(1);
    expect(() => aws.stream("handled")).toThrow("no stream");
    expect(() => new FakeAws({ tables: { rows: { BillingMode: "PAY_PER_REQUEST" } } })).toThrow("table rows");
  });

  test("shows calls to middleware that is added to its clients, and answers them as before", async () => {
    const { dynamodb, documents } = new FakeAws(options).clients();
    const put1 = new PutCommand({ TableName: "rows", Item: { aggregate: "a", version: 1 } });
    await documents.send(put1);
    const seen: (string | undefined)[] = [];
    dynamodb.middlewareStack.add(
      (next, context) => (args) => {
        seen.push(context.commandName);
        return next(args);
      },
      { step: "initialize", priority: "high" },
    );
    const Key = { aggregate: "a", version: 1 };
    const { Item } = await documents.send(new GetCommand({ TableName: "rows", Key }));
    expect([Item, seen]).toEqual([Key, ["GetItemCommand"]]);
    const aborted = documents.send(new GetCommand({ TableName: "rows", Key }), { abortSignal: AbortSignal.abort() });
    await expect(aborted).rejects.toThrow("Request aborted");
  });

  test("gives up a call when its signal fires", async () => {
    const { documents } = new FakeAws(options).clients();
    const get = new GetCommand({ TableName: "rows", Key: { aggregate: "a", version: 1 } });
    await expect(documents.send(get, { abortSignal: AbortSignal.abort() })).rejects.toThrow("Request aborted");
  });

  test("writes all of a transaction or nothing, and says which condition failed on what", async () => {
    const { documents } = new FakeAws(options).clients();
    await documents.send(new TransactWriteCommand({ TransactItems: [put("a", 1, new_), put("a", 2, new_)] }));
    const again = documents.send(new TransactWriteCommand({ TransactItems: [put("a", 3), put("a", 2, new_)] }));
    const error = await again.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TransactionCanceledException);
    expect(error).toMatchObject({
      CancellationReasons: [{ Code: "None" }, { Code: "ConditionalCheckFailed", Item: { version: { N: "2" } } }],
    });
    const query = { KeyConditionExpression: "#a = :a", ExpressionAttributeNames: { "#a": "aggregate" } };
    const { Items } = await documents.send(
      new QueryCommand({
        TableName: "rows",
        ...query,
        ExpressionAttributeValues: { ":a": "a" },
        ScanIndexForward: false,
      }),
    );
    expect(Items?.map(({ version }) => version)).toEqual([2, 1]);
  });

  test("takes a transaction once for each token, for ten minutes, and not with other parameters", async () => {
    const time = new VirtualTime();
    const { documents } = new FakeAws({ ...options, time, latency: [0, 0] }).clients();
    const send = (version: number) =>
      documents.send(new TransactWriteCommand({ TransactItems: [put("a", version, new_)], ClientRequestToken: "t" }));
    await send(1);
    await send(1);
    await expect(send(2)).rejects.toMatchObject({ name: "IdempotentParameterMismatchException" });
    await time.pass(() => false, 11 * 60_000);
    await expect(send(1)).rejects.toThrow(TransactionCanceledException);
  });

  test("refuses an item twice in a transaction, an empty key and a table that is not there", async () => {
    const { documents } = new FakeAws(options).clients();
    const send = (...TransactItems: object[]) => documents.send(new TransactWriteCommand({ TransactItems }));
    await expect(send(put("a", 1), put("a", 1))).rejects.toThrow("multiple operations on one item");
    await expect(send(put("", 1))).rejects.toMatchObject({ name: "ValidationException" });
    await expect(send({ Put: { TableName: "none", Item: {} } })).rejects.toMatchObject({
      name: "ResourceNotFoundException",
    });
  });

  test("removes what has expired, and streams that as the service's own doing", async () => {
    const aws = new FakeAws({ ...options, time: new VirtualTime(), latency: [0, 0] });
    const { documents } = aws.clients();
    const expiresAt = Math.floor(aws.time.now() / 1000);
    await documents.send(
      new PutCommand({ TableName: "rows", Item: { aggregate: "a", version: 1, expiresAt: expiresAt - 1 } }),
    );
    await documents.send(
      new PutCommand({ TableName: "rows", Item: { aggregate: "a", version: 2, expiresAt: expiresAt + 1 } }),
    );
    expect(aws.dynamodb.removeExpired()).toBe(1);
    const [shard] = aws.stream("rows").shards;
    expect(shard?.records.map(({ record }) => [record.eventName, record.userIdentity?.principalId])).toEqual([
      ["INSERT", undefined],
      ["INSERT", undefined],
      ["REMOVE", "dynamodb.amazonaws.com"],
    ]);
  });

  test("removes each item in its time, also one that was given less of it meanwhile", async () => {
    const time = new VirtualTime();
    const aws = new FakeAws({ ...options, time, latency: [0, 0] });
    const { documents } = aws.clients();
    const began = time.now() / 1000;
    const expire = (version: number, seconds: number) =>
      documents.send(
        new PutCommand({ TableName: "rows", Item: { aggregate: "a", version, expiresAt: began + seconds } }),
      );
    for (const version of [1, 2, 3]) await expire(version, 10 * version);
    const removedBy = async (seconds: number) => {
      await time.pass(() => false, began * 1000 + seconds * 1000 - time.now());
      return aws.dynamodb.removeExpired();
    };
    expect([await removedBy(5), await removedBy(11), await removedBy(12)]).toEqual([0, 1, 0]);
    await expire(3, 15);
    expect([await removedBy(16), await removedBy(21), await removedBy(100)]).toEqual([1, 1, 0]);
  });
});

describe("the fake's streams", () => {
  test("keep a key's changes in order across splits and merges, and its shards' family", async () => {
    const aws = new FakeAws({ ...options, time: new VirtualTime(), latency: [0, 0] });
    const { documents } = aws.clients();
    const stream = aws.stream("rows");
    const write = async (version: number) => {
      for (const name of "abcdefgh") {
        await documents.send(new PutCommand({ TableName: "rows", Item: { aggregate: name, version } }));
      }
    };
    await write(1);
    const [root] = stream.shards;
    if (root) stream.split(root);
    await write(2);
    const [, left, right] = stream.shards;
    if (left && right) stream.merge(left, right);
    await write(3);
    expect(stream.shards.map(({ parents, closed, records }) => [parents.length, closed, records.length > 0])).toEqual([
      [0, true, true],
      [1, true, true],
      [1, true, true],
      [2, false, true],
    ]);
    const ofLeft = new Set(left?.records.map(({ record }) => record.dynamodb?.Keys?.aggregate?.S));
    expect(right?.records.every(({ record }) => !ofLeft.has(record.dynamodb?.Keys?.aggregate?.S))).toBe(true);
  });
});

describe("the fake's topics and queues", () => {
  const message = (Message: string, MessageGroupId = "a") => ({
    TopicArn: "arn:aws:sns:us-east-1:000000000000:news.fifo",
    Message,
    MessageGroupId,
    MessageDeduplicationId: Message,
  });
  const receive = {
    ...readers,
    MaxNumberOfMessages: 10,
    WaitTimeSeconds: 1,
    MessageSystemAttributeNames: ["All" as const],
  };

  test("bring each message to each queue once, and hold a group while one of it is in flight", async () => {
    const time = new VirtualTime();
    const { sns, sqs } = new FakeAws({ ...options, time, latency: [0, 0], seed: 3 }).clients();
    for (const body of ["1", "2", "3", "2"]) await sns.send(new PublishCommand(message(body)));
    await sns.send(new PublishCommand(message("x", "b")));
    await time.pass(() => false, 100);
    const bodies: string[] = [];
    while (bodies.length < 4) {
      const { Messages = [] } = await sqs.send(new ReceiveMessageCommand(receive));
      const groups = Messages.map(({ Attributes }) => Attributes?.MessageGroupId);
      const { Messages: meanwhile = [] } = await sqs.send(
        new ReceiveMessageCommand({ ...receive, WaitTimeSeconds: 0 }),
      );
      expect(meanwhile.some(({ Attributes }) => groups.includes(Attributes?.MessageGroupId))).toBe(false);
      for (const { Body = "", ReceiptHandle } of [...Messages, ...meanwhile]) {
        bodies.push(Body);
        await sqs.send(new DeleteMessageCommand({ ...readers, ReceiptHandle }));
      }
    }
    expect(bodies.filter((body) => body !== "x")).toEqual(["1", "2", "3"]);
  });

  test("hand a message out again when its visibility has run out, and take no old receipt for it", async () => {
    const time = new VirtualTime();
    const { sqs } = new FakeAws({ ...options, time, latency: [0, 0] }).clients();
    await sqs.send(
      new SendMessageCommand({ ...readers, MessageBody: "m", MessageGroupId: "a", MessageDeduplicationId: "m" }),
    );
    const first = (await sqs.send(new ReceiveMessageCommand({ ...receive, VisibilityTimeout: 5 }))).Messages?.[0];
    const again = sqs.send(new ReceiveMessageCommand({ ...receive, WaitTimeSeconds: 20 }));
    await time.pass(() => false, 6_000);
    const second = (await again).Messages?.[0];
    expect(second?.Attributes?.ApproximateReceiveCount).toBe("2");
    const remove = (ReceiptHandle = "") => sqs.send(new DeleteMessageCommand({ ...readers, ReceiptHandle }));
    await expect(remove(first?.ReceiptHandle)).rejects.toThrow("The receipt handle has expired");
    await remove(second?.ReceiptHandle);
  });

  test("swallow repeats for five minutes and no longer", async () => {
    const time = new VirtualTime();
    const aws = new FakeAws({ ...options, time, latency: [0, 0] });
    const { sns } = aws.clients();
    for (const wait of [0, 4 * 60_000, 2 * 60_000]) {
      time.after(wait, () => void sns.send(new PublishCommand(message("m"))));
      await time.pass(() => false, wait);
    }
    expect(aws.sns.topic("news.fifo").taken).toHaveLength(2);
  });

  test("take and refuse the entries of a batch each by itself", async () => {
    const aws = new FakeAws({ ...options, refuses: ({ Message }) => Message === "bad" });
    const { sns } = aws.clients();
    const entries = ["bad", "good"].map((body, index) => ({ Id: String(index), ...message(body) }));
    const { TopicArn } = message("");
    const { Successful, Failed } = await sns.send(
      new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries: entries }),
    );
    expect(Successful?.map(({ Id }) => Id)).toEqual(["1"]);
    expect(Failed).toMatchObject([{ Id: "0", SenderFault: true }]);
    expect(aws.sns.topic("news.fifo").taken.map(({ body }) => body)).toEqual(["good"]);
  });

  test("end a long poll when its caller aborts it", async () => {
    const time = new VirtualTime();
    const { sqs } = new FakeAws({ ...options, time }).clients();
    const stop = new AbortController();
    const polling = sqs.send(new ReceiveMessageCommand({ ...receive, WaitTimeSeconds: 20 }), {
      abortSignal: stop.signal,
    });
    time.after(100, () => stop.abort());
    await Promise.all([expect(polling).rejects.toMatchObject({ name: "AbortError" }), time.pass(() => false, 200)]);
  });
});

describe("the fake's faults", () => {
  test("refuse whatever a queue is sent for a while, and not what a topic brings it", async () => {
    const time = new VirtualTime();
    const aws = new FakeAws({ ...options, time, latency: [0, 0], faults: { "send-refused": 1 } });
    const { sqs } = aws.clients();
    const send = (id: string, queue = readers) =>
      sqs.send(new SendMessageCommand({ ...queue, MessageBody: id, MessageGroupId: "a", MessageDeduplicationId: id }));
    await expect(send("first")).rejects.toMatchObject({ name: "InvalidParameterValue" });
    aws.faults.cease();
    await expect(send("second")).rejects.toMatchObject({ name: "InvalidParameterValue" });
    await send("elsewhere", { QueueUrl: queueUrl("writers.fifo") });
    aws.sns.topic("news.fifo").publish({ body: "brought", group: "a", deduplicationId: "brought" });
    await time.pass(() => false, 30_000);
    await send("third");
    expect(aws.sqs.queue("readers.fifo").messages.map(({ body }) => body)).toEqual(["brought", "third"]);
    expect(aws.faults.counts.get("send-refused")).toBe(2);
  });

  test("lose a request, or only its answer", async () => {
    const time = new VirtualTime();
    const changes: number[] = [];
    const onChange = () => changes.push(time.now());
    for (const [fault, effects] of [
      ["request-lost", 0],
      ["answer-lost", 1],
      ["request-late", 2],
      ["throttled", 2],
    ] as const) {
      const { documents } = new FakeAws({ ...options, time, onChange, faults: { [fault]: 1 } }).clients();
      const put = documents.send(new PutCommand({ TableName: "rows", Item: { aggregate: "a", version: 1 } }));
      await Promise.all([expect(put).rejects.toThrow(), time.pass(() => false, 10_000)]);
      expect(changes).toHaveLength(effects);
    }
  });

  test("are counted, and the same for the same seed", async () => {
    const counts = async (seed: number) => {
      const time = new VirtualTime();
      const aws = new FakeAws({ ...options, time, seed, faults: { "request-lost": 0.2, throttled: 0.2 } });
      const { documents } = aws.clients();
      for (let version = 0; version < 50; version++) {
        const put = documents.send(new PutCommand({ TableName: "rows", Item: { aggregate: "a", version } }));
        await Promise.all([put.catch(() => undefined), time.pass(() => false, 10_000)]);
      }
      return [...aws.faults.counts];
    };
    expect(await counts(1)).toEqual(await counts(1));
    expect(await counts(1)).not.toEqual(await counts(2));
  });
});
