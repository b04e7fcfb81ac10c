import { randomUUID } from "node:crypto";
import { DeleteMessageCommand, type Message as QueueMessage, ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import { PutCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { s3ClaimCheck } from "../../src/claim-check/s3-claim-check.ts";
import type { Envelope } from "../../src/events/envelope.ts";
import { defineEvent, on, type PollTrouble, poll, type Settlement, subscriber } from "../../src/index.ts";
import { delivery } from "../fixtures/delivery.fixture.ts";
import { bucket, type NotesAws, noteCommit, openNotesAws, outboxOn, tables } from "../fixtures/notes-aws.fixture.ts";

// Each outbox row goes through the real relay, topic and queue to a subscriber that handles `Noted` in version 2.
// docs/failure-modes.md lists the results.

const Noted = defineEvent("Noted", {
  version: 2,
  schema: z.object({ lines: z.array(z.string()) }),
  upcast: (data, from) => (from === 1 ? { lines: [(data as { text: unknown }).text] } : data),
});

let notes: NotesAws;
let stop: AbortController;
const polls: Promise<void>[] = [];
const lines: string[] = [];

beforeAll(async () => {
  notes = await openNotesAws();
});
afterAll(() => notes?.aws.close());
beforeEach(() => {
  stop = new AbortController();
  lines.splice(0);
});
afterEach(async () => {
  stop.abort();
  await Promise.all(polls.splice(0));
});

const until = { interval: 5 };

function startPoll() {
  const settled: Settlement[] = [];
  const troubles: PollTrouble[] = [];
  const claimCheck = s3ClaimCheck({ client: notes.aws.clients.s3, bucket });
  const outbox = outboxOn(notes.documents, { claimCheck });
  const handler = on(Noted, (message) => {
    lines.push(...message.data.lines);
    return message.commit({});
  });
  polls.push(
    poll(subscriber(`readers-${randomUUID()}`, outbox, [handler]), {
      client: notes.longPolls(stop.signal),
      queueUrl: notes.queueUrl,
      signal: stop.signal,
      deadLetters: { queueUrl: notes.deadLetterUrl, maxAttempts: 2 },
      onSettled: (settlement) => settled.push(settlement),
      onTrouble: (trouble) => troubles.push(trouble),
    }),
  );
  return { settled, troubles };
}

/** An outbox row that was written by hand, with any message. */
async function row(json: string): Promise<string> {
  const id = randomUUID();
  const aggregate = `note#${id}`;
  const Item = { aggregate, version: 1, events: [{ id, type: "Noted", json }], committedAt: "by hand" };
  await notes.documents.send(new PutCommand({ TableName: tables.outbox, Item }));
  return aggregate;
}

const message = (changes: Partial<Envelope>) => row(delivery(changes).body);

async function deadLetters(count: number): Promise<Map<string, { error: string; attempts: number }>> {
  const taken: QueueMessage[] = [];
  const { sqs } = notes.aws.clients;
  const QueueUrl = notes.deadLetterUrl;
  const take = async () => {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl,
        MaxNumberOfMessages: 10,
        MessageAttributeNames: ["All"],
        MessageSystemAttributeNames: ["All"],
      }),
    );
    for (const { ReceiptHandle } of Messages) await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    return taken.push(...Messages);
  };
  await expect.poll(take, until).toBe(count);
  return new Map(
    taken.map(({ Attributes, MessageAttributes }) => [
      Attributes?.MessageGroupId ?? "",
      {
        error: MessageAttributes?.error?.StringValue ?? "",
        attempts: Number(MessageAttributes?.attempts?.StringValue),
      },
    ]),
  );
}

describe("a message that no handler can handle is dead-lettered with its reason, and the others go on", () => {
  test("at once where no attempt can mend it, else after the last one", async () => {
    const { settled, troubles } = startPoll();
    const noJson = await row("no JSON at all");
    const noEvent = await row('{"hello":"world"}');
    const noTime = await message({ time: "yesterday" });
    const tooOld = await message({ time: new Date(Date.now() - 30 * 24 * 3600 * 1000).toISOString() });
    const otherShape = await message({ dataschema: "/elsewhere/Noted/3", data: { paragraphs: [] } });
    const wrongShape = await message({ data: { text: 7 } });
    const id = randomUUID();
    const dataref = `s3://${bucket}/elsewhere/${id}`;
    const claimGone = await message({ id, data: undefined, dataref, datasha256: "" });
    await message({ data: { text: "version 1" } });
    await message({ dataschema: "/elsewhere/Noted/2", data: { lines: ["version 2"] } });
    await message({ dataschema: "/elsewhere/Noted/3", data: { lines: ["version 3"], mood: "good" } });

    const dead = await deadLetters(7);
    expect(dead.get(noJson)).toEqual({ error: "UnreadableMessageError: The message body is not JSON.", attempts: 1 });
    expect(dead.get(noEvent)).toMatchObject({ error: expect.stringMatching(/not a CloudEvents 1.0/), attempts: 1 });
    expect(dead.get(noTime)).toMatchObject({ error: expect.stringMatching(/"time" is not a time: yest/), attempts: 1 });
    expect(dead.get(tooOld)).toMatchObject({ error: expect.stringMatching(/^MessageTooOldError: Noted/), attempts: 1 });
    expect(dead.get(otherShape)).toMatchObject({
      error: expect.stringMatching(/^InvalidEventDataError: .*lines/),
      attempts: 2,
    });
    expect(dead.get(wrongShape)).toMatchObject({
      error: expect.stringMatching(/^InvalidEventDataError: .*lines\.0/),
      attempts: 2,
    });
    expect(dead.get(claimGone)).toMatchObject({
      error: expect.stringContaining(`ClaimCheckMissingError: The message's data at ${dataref} does not exist`),
      attempts: 2,
    });
    await expect.poll(() => lines.toSorted(), until).toEqual(["version 1", "version 2", "version 3"]);
    expect(settled.every(({ outcome }) => outcome === "committed")).toBe(true);
    expect(troubles.filter(({ kind }) => kind === "outage")).toEqual([]);
  });
});

test("a type nobody here knows is acknowledged, without a record", async () => {
  const { settled } = startPoll();
  const before = (await notes.inboxRows()).length;
  await message({ type: "Erased" });
  await expect.poll(() => settled, until).toMatchObject([{ outcome: "unknown", type: "Erased" }]);
  expect(await notes.inboxRows()).toHaveLength(before);
});

test("a row edited after its commit is not published again, and the edit not at all", async () => {
  const { settled } = startPoll();
  const id = randomUUID();
  await notes.outbox.commit(noteCommit(id, "as committed"));
  const edit = {
    TableName: tables.outbox,
    Key: { aggregate: `note#${id}`, version: 1 },
    UpdateExpression: "SET #events = :nonsense",
    ExpressionAttributeNames: { "#events": "events" },
    ExpressionAttributeValues: { ":nonsense": "nonsense" },
  };
  await notes.documents.send(new UpdateCommand(edit));
  await notes.outbox.commit(noteCommit(id, "next", 1));
  await expect.poll(() => settled.length, until).toBe(2);
  expect(lines).toEqual(["as committed", "next"]);
});
