import { once } from "node:events";
import { symlinkSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { CreateTableCommand } from "@aws-sdk/client-dynamodb";
import { TransactWriteCommand } from "@aws-sdk/lib-dynamodb";
import { expect, onTestFinished, test } from "vitest";
import { findDynoxide } from "../dynamodb/find-dynoxide.ts";
import { spawnGuarded } from "../guarded-process.ts";
import { newFolder } from "../processes.fixture.ts";
import { startBareDynoxide } from "./dynoxide.fixture.ts";
import { errorOf } from "./messaging.fixture.ts";

// Differences of dynoxide 1.2.1 from AWS, and the behaviour that we rely on. docs/quirks.md names the consequence of each.

test("table and index names need three characters", async () => {
  const { clients } = await startBareDynoxide();
  const KeySchema = [{ AttributeName: "id", KeyType: "HASH" as const }];
  const create = (TableName: string, IndexName: string) =>
    clients.dynamodb.send(
      new CreateTableCommand({
        TableName,
        BillingMode: "PAY_PER_REQUEST",
        AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
        KeySchema,
        GlobalSecondaryIndexes: [{ IndexName, KeySchema, Projection: { ProjectionType: "ALL" } }],
      }),
    );
  expect((await errorOf(create("ab", "index"))).name).toBe("ValidationException");
  expect((await errorOf(create("table", "ab"))).name).toBe("ValidationException");
  await create("table", "abc");
});

test("a stream has one shard, which never closes although it names an ending sequence number", async () => {
  const { shards, put, records } = await startBareDynoxide();
  for (let index = 0; index < 50; index++) await put({ id: `row ${index}` });
  // On AWS an ending number means closed; this one is also wrong, as the greatest by text.
  const SequenceNumberRange = { StartingSequenceNumber: "1", EndingSequenceNumber: "9" };
  expect(await shards()).toEqual([{ ShardId: expect.any(String), SequenceNumberRange }]);
  await put({ id: "one more" });
  expect((await records()).at(-1)?.id).toBe("one more");
});

test("transactions that race for an item all succeed: no TransactionConflict ever", async () => {
  const { countUp, get } = await startBareDynoxide();
  await Promise.all(Array.from({ length: 50 }, () => countUp("hot")));
  expect(await get("hot")).toMatchObject({ count: 50 });
});

test("an idempotency token works once, but is forgotten by a restart", async () => {
  const file = join(newFolder(), "rows.db");
  const first = await startBareDynoxide(file);
  await first.countUp("row", "token");
  await first.countUp("row", "token");
  expect(await first.get("row")).toMatchObject({ count: 1 });
  await first.dynoxide.close();

  const second = await startBareDynoxide(file);
  await second.countUp("row", "token");
  expect(await second.get("row")).toMatchObject({ count: 2 });
});

test("the token of a cancelled transaction may be used again", async () => {
  const { clients, get, put } = await startBareDynoxide();
  await put({ id: "row", open: false });
  const Put = {
    TableName: "rows",
    Item: { id: "row", written: true },
    ConditionExpression: "#open = :true",
    ExpressionAttributeNames: { "#open": "open" },
    ExpressionAttributeValues: { ":true": true },
  };
  const write = () =>
    clients.documents.send(new TransactWriteCommand({ ClientRequestToken: "token", TransactItems: [{ Put }] }));
  expect((await errorOf(write())).name).toBe("TransactionCanceledException");
  await put({ id: "row", open: true });
  await write();
  expect(await get("row")).toEqual({ id: "row", written: true });
});

test("a refused condition gives back the item that is there", async () => {
  const { clients, put } = await startBareDynoxide();
  await put({ id: "row", by: "someone else" });
  const Put = {
    TableName: "rows",
    Item: { id: "row" },
    ConditionExpression: "attribute_not_exists(#id)",
    ExpressionAttributeNames: { "#id": "id" },
    ReturnValuesOnConditionCheckFailure: "ALL_OLD" as const,
  };
  const error = await errorOf(clients.documents.send(new TransactWriteCommand({ TransactItems: [{ Put }] })));
  expect(error).toMatchObject({
    CancellationReasons: [{ Code: "ConditionalCheckFailed", Item: { id: { S: "row" }, by: { S: "someone else" } } }],
  });
});

test("a row past its TTL stays", async () => {
  const { put, get } = await startBareDynoxide();
  const lapsed = { id: "lapsed", expiresAt: Math.floor(Date.now() / 1000) - 3600 };
  await put(lapsed);
  await put({ id: "another write, should it be the trigger" });
  expect(await get("lapsed")).toEqual(lapsed);
});

test("putting an identical item emits a MODIFY (AWS emits nothing)", async () => {
  const { put, records } = await startBareDynoxide();
  await put({ id: "row" });
  await put({ id: "row" });
  expect((await records()).map(({ eventName }) => eventName)).toEqual(["INSERT", "MODIFY"]);
});

test("acknowledged transactions and their stream records survive kill -9, and sequence numbers go on", async () => {
  const file = join(newFolder(), "rows.db");
  const first = await startBareDynoxide(file);
  const acknowledged: string[] = [];
  const write = async (id: string) => {
    await first.countUp(id);
    acknowledged.push(id);
  };
  const writing = (async () => {
    for (let index = 0; ; index++) await write(`row ${index}`);
  })().catch(() => "cut off");
  await expect.poll(() => acknowledged.length).toBeGreaterThan(100);
  process.kill(first.dynoxide.pid, "SIGKILL");
  await first.dynoxide.crashed;
  first.clients.destroy();
  await writing;

  const second = await startBareDynoxide(file);
  expect(second.streamArn).toBe(first.streamArn);
  const before = await second.records();
  // One more may have been carried out without being acknowledged.
  expect(before.map(({ id }) => id).slice(0, acknowledged.length)).toEqual(acknowledged);
  expect(await second.get(acknowledged.at(-1) ?? "")).toMatchObject({ count: 1 });
  await second.put({ id: "afterwards" });
  const last = before.at(-1)?.sequenceNumber ?? "";
  const after = await second.records({ ShardIteratorType: "AFTER_SEQUENCE_NUMBER", SequenceNumber: last });
  expect(after.map(({ id }) => id)).toEqual(["afterwards"]);
  expect(Number(after[0]?.sequenceNumber)).toBeGreaterThan(Number(last));
});

test("sequence numbers grow with the order of the writes", async () => {
  const { countUp, records } = await startBareDynoxide();
  const ids = Array.from({ length: 15 }, (_, index) => `row ${index}`);
  for (const id of ids) await countUp(id);
  const inOrder = (await records()).sort((one, other) => Number(one.sequenceNumber) - Number(other.sequenceNumber));
  expect(inOrder.map(({ id }) => id)).toEqual(ids);
});

test("started on port 0 it does not print its port", async () => {
  const guarded = await spawnGuarded(findDynoxide(), ["--port", "0"], { output: "pipe" });
  onTestFinished(() => guarded.kill("SIGKILL"));
  const { stdout } = guarded.shell;
  let words = "";
  stdout?.on("data", (chunk) => {
    words += chunk;
  });
  await expect.poll(() => words).toBe("Dynoxide listening on http://127.0.0.1:0\n");
});

test("every web page may call it, so a front stands before it", async () => {
  const { dynoxide } = await startBareDynoxide();
  const headers = { origin: "https://evil.example", "access-control-request-method": "POST" };
  const call = request(dynoxide.directUrl, { method: "OPTIONS", headers }).end();
  const [answer] = await once(call, "response");
  answer.resume();
  expect(answer.headers["access-control-allow-origin"]).toBe("*");
});

test("two processes may open one file: the data folder's lock is ours to hold", async () => {
  const file = join(newFolder(), "rows.db");
  const one = await startBareDynoxide(file);
  // Under its own name, the second would take the first for an orphan.
  const sameFile = join(newFolder(), "link.db");
  symlinkSync(file, sameFile);
  const other = await startBareDynoxide(sameFile);
  await one.put({ id: "row" });
  expect(await other.get("row")).toEqual({ id: "row" });
});

test("stream records have no index of dynoxide's own", async () => {
  const file = join(newFolder(), "rows.db");
  const guarded = await spawnGuarded(findDynoxide(), ["--port", "0", "--db-path", file], { output: "pipe" });
  onTestFinished(() => guarded.kill("SIGKILL"));
  let words = "";
  guarded.shell.stdout?.on("data", (chunk) => {
    words += chunk;
  });
  await expect.poll(() => words).toContain("listening");
  const db = new DatabaseSync(file);
  onTestFinished(() => db.close());
  // Once this fails, stream-indexes.ts can go.
  expect(db.prepare("SELECT name FROM pragma_table_info('_stream_records')").all()).not.toEqual([]);
  expect(db.prepare("SELECT name FROM pragma_index_list('_stream_records')").all()).toEqual([]);
});
