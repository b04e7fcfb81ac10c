import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { createOutbox, on, poll, relay, subscriber } from "../../src/index.ts";
import { inboxTable, outboxTable, parkedTable, permissions } from "../../src/infrastructure.ts";
import { FakeAws, type FakeAwsOptions, VirtualTime } from "../../src/testing/index.ts";
import { delivery } from "../fixtures/delivery.fixture.ts";
import { Noted } from "../fixtures/notes.fixture.ts";
import { RecordedRights } from "../fixtures/recorded-rights.fixture.ts";
import { ample, insertion } from "../fixtures/stream-records.fixture.ts";

// The lists of IAM actions are neither too short nor too long: each part of the library makes calls that need all of them.

/** A fake AWS with resources named by the keys of `permissions`. */
function openAws(options: FakeAwsOptions = {}) {
  const time = new VirtualTime();
  const aws = new FakeAws({
    time,
    latencyMs: [0, 0],
    tables: {
      outbox: outboxTable,
      inbox: inboxTable,
      parked: parkedTable,
      tables: { key: { partition: { name: "id", type: "S" } } },
    },
    topics: ["topic.fifo"],
    queues: { "queue.fifo": { fifo: true }, "deadLetters.fifo": { fifo: true } },
    ...options,
  });
  const recorded = new RecordedRights();
  const { documents, sns, sqs } = aws.clients();
  const clients = { documents: recorded.of(documents), sns: recorded.of(sns), sqs: recorded.of(sqs) };
  const { clock } = aws.process("test");
  const tables = { outbox: "outbox", inbox: "inbox" };
  const outbox = createOutbox({ client: clients.documents, source: "/notes", tables, clock });
  return { aws, time, clients, clock, outbox, recorded };
}

/** The result of work that takes virtual time. */
async function within<Result>(time: VirtualTime, work: Promise<Result>): Promise<Result> {
  let isDone = false;
  const ended = work.finally(() => {
    isDone = true;
  });
  await time.pass(() => isDone, 60_000);
  return ended;
}

const item = (id: string) => ({ table: "tables", key: { id }, item: { text: "milk" }, expected: 0 });

test("a commit needs exactly its list, for every kind of write", async () => {
  const { time, outbox, recorded } = openAws();
  const exists = { ConditionExpression: "attribute_not_exists(#id)", ExpressionAttributeNames: { "#id": "id" } };
  await within(
    time,
    outbox.commit({
      aggregate: "note#1",
      save: item("1"),
      events: [Noted({ text: "milk" })],
      writes: [
        { Delete: { TableName: "tables", Key: { id: "2" } } },
        {
          Update: {
            TableName: "tables",
            Key: { id: "3" },
            UpdateExpression: "SET #text = :text",
            ExpressionAttributeNames: { "#text": "text" },
            ExpressionAttributeValues: { ":text": "tea" },
          },
        },
      ],
      guarded: { free: { ConditionCheck: { TableName: "tables", Key: { id: "4" }, ...exists } } },
    }),
  );
  expect(recorded.rights).toEqual(permissions.commit);
});

test("a commit that recreates also reads the outbox", async () => {
  const { time, outbox, recorded } = openAws();
  await within(
    time,
    outbox.commit({ aggregate: "note#1", save: { ...item("1"), recreate: true }, events: [Noted({ text: "milk" })] }),
  );
  expect(recorded.rights.outbox).toEqual([...permissions.commit.outbox, ...permissions.recreate.outbox]);
});

test("a relay makes calls that need exactly its list; Lambda uses the rights on stream and failed records", async () => {
  const { time, aws, clients, recorded } = openAws({ refuses: ({ Message }) => Message === '"never"' });
  const publish = relay({
    client: clients.sns,
    topicArn: aws.topicArn("topic.fifo"),
    source: "/notes",
    parking: { client: clients.documents, table: "parked" },
  });
  const invoke = (version: number, ...bodies: string[]) =>
    within(time, Promise.resolve(publish({ Records: [insertion("note#1", version, bodies, version)] }, ample)));
  await invoke(1, '"milk"');
  await invoke(2, '"never"');
  await invoke(3, '"follows"');
  const { stream, streams, failedRecords, ...own } = permissions.relay;
  expect(recorded.rights).toEqual(own);
});

test("a consumer needs exactly its list, including the rights to move failed messages", async () => {
  const { time, aws, clients, clock, outbox, recorded } = openAws();
  const readers = subscriber("readers", outbox, [
    on(Noted, (message) => (message.data.text === "bad" ? Promise.reject(new Error("no")) : message.commit({}))),
  ]);
  const queue = aws.sqs.queue("queue.fifo");
  for (const text of ["good", "bad"]) {
    queue.send({ body: delivery({ data: { text } }).body, group: text, deduplicationId: text, attributes: {} });
  }
  const stop = new AbortController();
  void poll(readers, {
    client: clients.sqs,
    queueUrl: aws.queueUrl("queue.fifo"),
    deadLetters: { queueUrl: aws.queueUrl("deadLetters.fifo") },
    signal: stop.signal,
    clock,
  });
  expect(await time.pass(() => queue.messages.length === 0, 3_600_000)).toBe(true);
  stop.abort();
  expect(recorded.rights).toEqual(permissions.consume);
});

test("the page for adopters prints every list", () => {
  const page = readFileSync(new URL("../../../../docs/adopting.md", import.meta.url), "utf8");
  const printed = [...page.matchAll(/^\| `(\w+)` \| `(\w+)`[^|]*\| ([^|]+) \|$/gm)].map(([, part, resource, list]) => {
    return [part, resource, [...(list ?? "").matchAll(/`([\w:]+)`/g)].map(([, action]) => action)];
  });
  const lists = Object.entries(permissions).flatMap(([part, resources]) =>
    Object.entries(resources).map(([resource, actions]) => [part, resource, actions]),
  );
  expect(printed).toEqual(lists);
});
