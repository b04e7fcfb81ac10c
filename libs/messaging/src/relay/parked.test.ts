import { randomUUID } from "node:crypto";
import { CreateTopicCommand } from "@aws-sdk/client-sns";
import { DeleteCommand, type DynamoDBDocumentClient, QueryCommand } from "@aws-sdk/lib-dynamodb";
import { createAwsClients, topicArn } from "@doubleshot/topology";
import type { DynamoDBRecord } from "aws-lambda";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { manualClock } from "../../test/fixtures/manual-clock.fixture.ts";
import { type NotesAws, openNotesAws, tables } from "../../test/fixtures/notes-aws.fixture.ts";
import { ScriptedTopic } from "../../test/fixtures/scripted-topic.fixture.ts";
import { ample, insertion } from "../../test/fixtures/stream-records.fixture.ts";
import { topic } from "../infrastructure.ts";
import { releaseParked } from "./parked.ts";
import { relay } from "./relay.ts";

let notes: NotesAws;
beforeAll(async () => {
  notes = await openNotesAws();
});
afterAll(() => notes?.aws.close());

function relayTo(topic: ScriptedTopic, client: DynamoDBDocumentClient = notes.documents) {
  const handler = relay({
    client: topic.client,
    topicArn: "arn:aws:sns:us-east-1:123456789012:notes-events.fifo",
    source: "/notes",
    parking: { client, table: tables.parked, clock: manualClock().clock },
  });
  return (...Records: DynamoDBRecord[]) => handler({ Records }, ample);
}

/** The parked rows of an aggregate; the first is its marker. */
async function parked(aggregate: string) {
  const { Items = [] } = await notes.documents.send(
    new QueryCommand({
      TableName: tables.parked,
      ConsistentRead: true,
      KeyConditionExpression: "#a = :a",
      ExpressionAttributeNames: { "#a": "aggregate" },
      ExpressionAttributeValues: { ":a": aggregate },
    }),
  );
  return Items;
}

const release = (aggregate: string) =>
  notes.documents.send(new DeleteCommand({ TableName: tables.parked, Key: { aggregate, version: 0 } }));

const poison = (...bodies: string[]) =>
  new ScriptedTopic(({ Message = "" }) => (bodies.includes(Message) ? "poison" : "accept"));

const noFailures = { batchItemFailures: [] };

/** A client that records its calls, and runs `afterRead` after a read. */
function watchedClient({ afterRead = async () => {} }: { afterRead?: () => Promise<unknown> } = {}) {
  const calls: string[] = [];
  const clients = createAwsClients({ endpoints: notes.aws.endpoints });
  clients.documents.middlewareStack.add(
    (next, context) => async (args) => {
      calls.push(context.commandName ?? "");
      const result = await next(args);
      if (context.commandName === "BatchGetItemCommand") await afterRead();
      return result;
    },
    { step: "initialize" },
  );
  return { client: clients.documents, calls };
}

describe("parking", () => {
  test("puts aside what SNS will never take, with the reason, and lets the others flow", async () => {
    const [bad, good] = [`o#${randomUUID()}`, `o#${randomUUID()}`];
    const topic = poison("b");
    expect(await relayTo(topic)(insertion(bad, 7, ["a", "b", "c"], 0), insertion(good, 1, ["x"], 1))).toEqual(
      noFailures,
    );
    expect(topic.messages()).toEqual(["a", "x"]);
    const [marker, row] = await parked(bad);
    expect(marker).toMatchObject({ version: 0, upTo: 7, since: expect.any(String) });
    expect(row).toMatchObject({
      version: 7,
      reason: { code: "InvalidParameter", message: "never" },
      events: [{ json: "b" }, { json: "c" }],
    });
    expect(await parked(good)).toEqual([]);
  });

  test("queues later rows of the aggregate behind, in the same invocation and in the next", async () => {
    const bad = `o#${randomUUID()}`;
    const topic = poison("a");
    const run = relayTo(topic);
    expect(await run(insertion(bad, 1, ["a"], 0), insertion(bad, 2, ["b"], 1))).toEqual(noFailures);
    expect(await run(insertion(bad, 3, ["c"], 2))).toEqual(noFailures);
    expect(topic.messages()).toEqual([]);
    const [marker, ...rows] = await parked(bad);
    expect(marker).toMatchObject({ upTo: 3 });
    expect(rows.map(({ version, reason }) => [version, reason.code])).toEqual([
      [1, "InvalidParameter"],
      [2, "Behind"],
      [3, "Behind"],
    ]);
  });

  test("parks nothing that is refused beside others and taken alone", async () => {
    const [one, two] = [`o#${randomUUID()}`, `o#${randomUUID()}`];
    const topic: ScriptedTopic = new ScriptedTopic(({ Message }) =>
      Message === "a" && topic.batches.at(-1)?.length === 2 ? "poison" : "accept",
    );
    expect(await relayTo(topic)(insertion(one, 1, ["a"], 0), insertion(two, 1, ["x"], 1))).toEqual(noFailures);
    expect(topic.messages().toSorted()).toEqual(["a", "x"]);
    expect(await parked(one)).toEqual([]);
  });

  test("puts aside what makes a call too long also when it is alone, and sends what was refused with it", async () => {
    const [bad, good] = [`o#${randomUUID()}`, `o#${randomUUID()}`];
    const topic = new ScriptedTopic(({ Message }) => (Message === "b" ? "too long" : "accept"));
    expect(await relayTo(topic)(insertion(bad, 1, ["b"], 0), insertion(good, 1, ["x"], 1))).toEqual(noFailures);
    expect(topic.messages()).toEqual(["x"]);
    const [, row] = await parked(bad);
    expect(row).toMatchObject({ reason: { code: "BatchRequestTooLong" }, events: [{ json: "b" }] });
    expect(await parked(good)).toEqual([]);
  });
});

describe("parking and outages", () => {
  test.each(["refuse", "lose the call"] as const)("parks nothing when SNS is out (%s)", async (verdict) => {
    const aggregate = `o#${randomUUID()}`;
    const response = await relayTo(new ScriptedTopic(() => verdict))(insertion(aggregate, 1, ["a"], 0));
    expect(response).toEqual({ batchItemFailures: [{ itemIdentifier: "1000" }] });
    expect(await parked(aggregate)).toEqual([]);
  });

  test("parks nothing for a topic that is not there, and publishes once it is", async () => {
    const aggregate = `o#${randomUUID()}`;
    const Name = `late-${randomUUID()}.fifo`;
    const { sns } = notes.aws.clients;
    const existing = await topicArn(notes.aws.clients, "test", "notes-events.fifo");
    const handler = relay({
      client: sns,
      topicArn: existing.replace("test-notes-events.fifo", Name),
      source: "/notes",
      parking: { client: notes.documents, table: tables.parked },
    });
    const Records = [insertion(aggregate, 1, ["a"], 0)];
    expect(await handler({ Records }, ample)).toEqual({ batchItemFailures: [{ itemIdentifier: "1000" }] });
    expect(await parked(aggregate)).toEqual([]);
    await sns.send(new CreateTopicCommand({ Name, Attributes: topic }));
    expect(await handler({ Records }, ample)).toEqual(noFailures);
  });

  test("sends and parks nothing, and reports everything, while it cannot be known what is parked", async () => {
    const clients = createAwsClients({ endpoints: { ...notes.aws.endpoints, dynamodb: "http://127.0.0.1:9" } });
    const topic = new ScriptedTopic();
    const response = await relayTo(topic, clients.documents)(insertion(`o#${randomUUID()}`, 1, ["a"], 0));
    expect(response).toEqual({ batchItemFailures: [{ itemIdentifier: "1000" }] });
    expect(topic.messages()).toEqual([]);
    clients.destroy();
  });

  test("publishes what an operator released between the relay's read and its parking", async () => {
    const bad = `o#${randomUUID()}`;
    await relayTo(poison("a"))(insertion(bad, 1, ["a"], 0));
    const { client } = watchedClient({ afterRead: () => release(bad) });
    const topic = new ScriptedTopic();
    expect(await relayTo(topic, client)(insertion(bad, 2, ["b"], 1), insertion(bad, 3, ["c"], 2))).toEqual(noFailures);
    expect(topic.messages()).toEqual(["b", "c"]);
  });
});

describe("parking again", () => {
  test("changes nothing when a batch with parked rows is tried again", async () => {
    const bad = `o#${randomUUID()}`;
    const run = relayTo(poison("a"));
    const records = [insertion(bad, 1, ["a"], 0), insertion(bad, 2, ["b"], 1)];
    await run(...records);
    const before = await parked(bad);
    expect(await run(...records)).toEqual(noFailures);
    expect(await parked(bad)).toEqual(before);
  });

  test("keeps rows that come when later ones are parked, and says that there is more to publish", async () => {
    const bad = `o#${randomUUID()}`;
    const run = relayTo(poison("e"));
    await run(insertion(bad, 5, ["e"], 0));
    const late = [insertion(bad, 0, ["a"], 1), insertion(bad, 3, ["c"], 2)];
    expect(await run(...late)).toEqual(noFailures);
    const [marker, ...rows] = await parked(bad);
    expect(marker).toMatchObject({ upTo: 3 });
    expect(rows.map(({ version, reason }) => [version, reason.code])).toEqual([
      [0.5, "Behind"],
      [3, "Behind"],
      [5, "InvalidParameter"],
    ]);
    const parking = { client: notes.documents, table: tables.parked };
    for (const old of [{ upTo: 5, changes: 1 }, { upTo: 3, changes: 2 }, { upTo: 3 }]) {
      expect(await releaseParked(parking, { aggregate: bad, ...old })).toBe(false);
    }
    const before = await parked(bad);
    expect(await run(...late)).toEqual(noFailures);
    expect(await parked(bad)).toEqual(before);
  });
});

describe("parking rows that cannot be published", () => {
  test("keeps a row that cannot be read, as it is", async () => {
    const bad = `o#${randomUUID()}`;
    const nonsense = insertion(bad, 1, [], 0);
    if (nonsense.dynamodb?.NewImage) nonsense.dynamodb.NewImage.events = { S: "nonsense" };
    const topic = new ScriptedTopic();
    expect(await relayTo(topic)(nonsense, insertion(bad, 2, ["b"], 1))).toEqual(noFailures);
    expect(topic.messages()).toEqual([]);
    const [, row, behind] = await parked(bad);
    expect(row).toMatchObject({ reason: { code: "MalformedRow" }, row: expect.stringContaining("nonsense") });
    expect(behind).toMatchObject({ version: 2, reason: { code: "Behind" } });
  });

  test("parks nothing, and says what is wrong, when the stream brings no rows", async () => {
    const aggregate = `o#${randomUUID()}`;
    const { dynamodb: { NewImage: _, ...keysOnly } = {}, ...record } = insertion(aggregate, 1, ["a"], 0);
    await expect(relayTo(new ScriptedTopic())({ ...record, dynamodb: keysOnly })).rejects.toThrow("with NEW_IMAGE.");
    expect(await parked(aggregate)).toEqual([]);
  });

  test("keeps the beginning of a row that is too large to be parked whole, and holds up nothing for it", async () => {
    const [bad, good] = [`o#${randomUUID()}`, `o#${randomUUID()}`];
    const huge = insertion(bad, 1, [], 0);
    if (huge.dynamodb?.NewImage) huge.dynamodb.NewImage.events = { S: `nonsense${'"'.repeat(399_000)}` };
    const topic = new ScriptedTopic();
    expect(await relayTo(topic)(huge, insertion(good, 1, ["g"], 1))).toEqual(noFailures);
    expect(topic.messages()).toEqual(["g"]);
    const [, row] = await parked(bad);
    expect(row).toMatchObject({ version: 1, reason: { code: "MalformedRow" } });
    expect(row?.row).toMatch(/^\{.*nonsense.*\.\.\. \(cut: the outbox has all of its \d+ bytes\)$/);
  });

  test("keeps a row of version 0, under which the marker stands, beside it and before all others", async () => {
    const bad = `o#${randomUUID()}`;
    const topic = new ScriptedTopic();
    expect(await relayTo(topic)(insertion(bad, 0, ["a"], 0), insertion(bad, 1, ["b"], 1))).toEqual(noFailures);
    expect(topic.messages()).toEqual([]);
    const [marker, row, behind] = await parked(bad);
    expect(marker).toMatchObject({ version: 0, upTo: 1 });
    expect(row).toMatchObject({ reason: { code: "MalformedRow" }, row: expect.stringContaining("id-a") });
    expect(behind).toMatchObject({ version: 1, events: [{ id: "id-b" }], reason: { code: "Behind" } });
  });
});
