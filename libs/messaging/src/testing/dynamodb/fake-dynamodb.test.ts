import { DynamoDBClient, GetItemCommand, TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import {
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  TransactWriteCommand,
} from "@aws-sdk/lib-dynamodb";
import { describe, expect, test } from "vitest";
import { inboxTable, outboxTable } from "../../infrastructure.ts";
import { ifNew, options, put } from "../fake-aws.fixture.ts";
import { FakeAws } from "../fake-aws.ts";
import { VirtualTime } from "../time/virtual-time.ts";

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
    await documents.send(new TransactWriteCommand({ TransactItems: [put("a", 1, ifNew)] }));
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

  test("ends a call when its signal fires", async () => {
    const { documents } = new FakeAws(options).clients();
    const get = new GetCommand({ TableName: "rows", Key: { aggregate: "a", version: 1 } });
    await expect(documents.send(get, { abortSignal: AbortSignal.abort() })).rejects.toThrow("Request aborted");
  });
});

describe("the fake's transactions", () => {
  test("writes all of a transaction or nothing, and says which condition failed on what", async () => {
    const { documents } = new FakeAws(options).clients();
    await documents.send(new TransactWriteCommand({ TransactItems: [put("a", 1, ifNew), put("a", 2, ifNew)] }));
    const again = documents.send(new TransactWriteCommand({ TransactItems: [put("a", 3), put("a", 2, ifNew)] }));
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
    const { documents } = new FakeAws({ ...options, time, latencyMs: [0, 0] }).clients();
    const send = (version: number) =>
      documents.send(new TransactWriteCommand({ TransactItems: [put("a", version, ifNew)], ClientRequestToken: "t" }));
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
});

describe("the fake's expiry", () => {
  test("removes what has expired, and streams that as the service's own doing", async () => {
    const aws = new FakeAws({ ...options, time: new VirtualTime(), latencyMs: [0, 0] });
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
    const aws = new FakeAws({ ...options, time, latencyMs: [0, 0] });
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
