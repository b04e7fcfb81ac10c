import { DeleteCommand, GetCommand, PutCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import { beforeEach, expect, test } from "vitest";
import { ScriptedTopic } from "../../test/fixtures/scripted-topic.fixture.ts";
import { ample, insertion } from "../../test/fixtures/stream-records.fixture.ts";
import { FakeAws } from "../testing/index.ts";
import { ParkedAggregates, type ParkedMarker, releaseParked } from "./parked.ts";
import { relay } from "./relay.ts";

const table = "parked";
const { signal } = new AbortController();
const key = { partition: { name: "aggregate", type: "S" }, sort: { name: "version", type: "N" } } as const;

let aws: FakeAws;
let parked: ParkedAggregates;
beforeEach(() => {
  aws = new FakeAws({ tables: { [table]: { key } } });
  parked = new ParkedAggregates({ client: aws.clients().documents, table });
});

const row = (version: number) => ({ aggregate: "o#1", version, events: [], reason: { code: "", message: "" } });
const release = (marker: ParkedMarker) => releaseParked({ client: aws.clients().documents, table }, marker);

async function marker(): Promise<ParkedMarker> {
  const { Item } = await aws
    .clients()
    .documents.send(new GetCommand({ TableName: table, Key: { aggregate: "o#1", version: 0 } }));
  return Item as ParkedMarker;
}

async function versions(): Promise<unknown[]> {
  const { Items = [] } = await aws.clients().documents.send(
    new QueryCommand({
      TableName: table,
      KeyConditionExpression: "#aggregate = :aggregate AND #version > :marker",
      ExpressionAttributeNames: { "#aggregate": "aggregate", "#version": "version" },
      ExpressionAttributeValues: { ":aggregate": "o#1", ":marker": 0 },
    }),
  );
  return Items.map(({ version }) => version);
}

/** Deletes a published row, like an operator. */
const remove = (version: number) =>
  aws.clients().documents.send(new DeleteCommand({ TableName: table, Key: { aggregate: "o#1", version } }));

test("an aggregate is released by the marker as it is, once", async () => {
  await parked.park(row(1), signal);
  await parked.parkBehind(row(2), signal);
  const read = await marker();
  expect([await release(read), await release(read)]).toEqual([true, false]);
});

test("it stays parked when more was parked since the marker was read", async () => {
  await parked.park(row(1), signal);
  const read = await marker();
  await parked.parkBehind(row(2), signal);
  expect(await release(read)).toBe(false);
});

test("it stays parked when a repeated batch has set the marker back to what was read, with a newer row behind it", async () => {
  await parked.park(row(1), signal);
  await parked.parkBehind(row(2), signal);
  const read = await marker();
  await parked.parkBehind(row(3), signal);
  for (const published of [1, 2]) await remove(published);
  for (const again of [1, 2]) await parked.parkBehind(row(again), signal);
  expect((await marker()).upTo).toBe(read.upTo);

  expect(await release(read)).toBe(false);
  expect(await versions()).toEqual([1, 2, 3]);
  expect(await release(await marker())).toBe(true);
});

test("a marker of a version of the library that counted no changes is released by what it says", async () => {
  const old = { aggregate: "o#1", version: 0 as const, upTo: 1, since: "2026-01-31T08:30:00.000Z" };
  await aws.clients().documents.send(new PutCommand({ TableName: table, Item: old }));
  expect(await release({ ...old, upTo: 2 })).toBe(false);
  expect(await release(old)).toBe(true);
});

test("a relay that starts later publishes new rows of a released aggregate", async () => {
  await parked.park(row(1), signal);
  await parked.parkBehind(row(2), signal);
  await release(await marker());
  const topic = new ScriptedTopic();
  const topicArn = "arn:aws:sns:us-east-1:123456789012:notes-events.fifo";
  const parking = { client: aws.clients().documents, table };
  const publish = relay({ client: topic.client, topicArn, source: "/notes", parking });
  expect(await publish({ Records: [insertion("o#1", 3, ["b"], 3)] }, ample)).toEqual({ batchItemFailures: [] });
  expect(topic.messages()).toEqual(["b"]);
});
