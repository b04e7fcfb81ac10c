import { randomUUID } from "node:crypto";
import { GetCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type Clock,
  createOutbox,
  MessageTooOldError,
  type Outbox,
  on,
  poll,
  type Settlement,
  subscriber,
} from "../../src/index.ts";
import { realClock } from "../../src/runtime/clock.ts";
import { delivery } from "../fixtures/delivery.fixture.ts";
import { Noted, type NotesAws, noteCommit, openNotesAws, outboxOn, tables } from "../fixtures/notes-aws.fixture.ts";
import { scriptedTable } from "../fixtures/scripted-table.fixture.ts";

let notes: NotesAws;
beforeAll(async () => {
  notes = await openNotesAws();
});
afterAll(() => notes?.aws.close());

const hour = 60 * 60 * 1000;
const day = 24 * hour;

const off = (milliseconds: number): Clock => ({ ...realClock, now: () => Date.now() + milliseconds });
const outboxOff = (milliseconds: number) => outboxOn(notes.documents, { clock: off(milliseconds) });

/** Readers that record the texts, and the number of deliveries. */
function readers(outbox: Outbox = notes.outbox) {
  const texts: string[] = [];
  const sub = subscriber(`readers-${randomUUID()}`, outbox, [
    on(Noted, (message) => {
      texts.push(message.data.text);
      return message.commit({});
    }),
  ]);
  return { sub, texts };
}

const inboxRow = async (message: string) =>
  (await notes.documents.send(new GetCommand({ TableName: tables.inbox, ConsistentRead: true, Key: { message } })))
    .Item;
const ago = (milliseconds: number) => ({ time: new Date(Date.now() - milliseconds).toISOString() });

describe("a message's age", () => {
  test("does not matter while the inbox is sure to know whether it was handled", async () => {
    expect(await readers().sub.handle(delivery(ago(28.9 * day)))).toMatchObject({ outcome: "committed" });
  });

  test("forbids handling it a margin before the inbox may have forgotten it, for good", async () => {
    const { envelope, ...old } = delivery(ago(29.1 * day));
    const { sub, texts } = readers();
    const refusal = await sub.handle(old).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(MessageTooOldError);
    expect(String(refusal)).toContain(`Noted ${envelope.id} is from ${envelope.time}`);
    expect(refusal).toHaveProperty("permanent", true);
    expect(texts).toEqual([]);
    expect(await inboxRow(`${sub.name}#${envelope.id}`)).toBeUndefined();
  });

  test("is measured against what the outbox keeps, with a margin that leaves room", async () => {
    const forgetful = outboxOn(notes.documents, { retentionDays: { inbox: 1 } });
    expect(await readers(forgetful).sub.handle(delivery(ago(21 * hour)))).toMatchObject({ outcome: "committed" });
    await expect(readers(forgetful).sub.handle(delivery(ago(22 * hour)))).rejects.toThrow(MessageTooOldError);
  });

  test("is none of a subscriber's business that would not handle it anyway", async () => {
    const unknown = delivery({ ...ago(1000 * day), type: "Erased" });
    expect(await readers().sub.handle(unknown)).toMatchObject({ outcome: "unknown" });
  });
});

describe("clocks an hour off", () => {
  test("between producers do not change an aggregate's order", async () => {
    const id = randomUUID();
    const [ahead, behind] = [outboxOff(hour), outboxOff(-hour)];
    const { sub, texts } = readers();
    const settled: Settlement[] = [];
    const stop = new AbortController();
    const { queueUrl } = notes;
    const client = notes.longPolls(stop.signal);
    const polling = poll(sub, { client, queueUrl, signal: stop.signal, onSettled: (each) => settled.push(each) });
    try {
      await ahead.commit(noteCommit(id, "first"));
      await behind.commit(noteCommit(id, "second", 1));
      await expect.poll(() => settled.length, { interval: 5 }).toBe(2);
    } finally {
      stop.abort();
      await polling;
    }
    expect(texts).toEqual(["first", "second"]);
    const [later, earlier] = await Promise.all([1, 2].map((version) => notes.outboxRow(`note#${id}`, version)));
    expect(String(later?.committedAt) > String(earlier?.committedAt)).toBe(true);
  });

  test.each([-1, 1])("(%i h) let a consumer handle everything, once", async (hours) => {
    const now = Date.now() + hours * hour;
    const { sub, texts } = readers(outboxOn(notes.documents, { clock: { ...realClock, now: () => now } }));
    const { envelope, ...one } = delivery();
    expect(await sub.handle(one)).toMatchObject({ outcome: "committed" });
    expect(await sub.handle(one)).toMatchObject({ outcome: "duplicate" });
    expect(texts).toHaveLength(2);
    const expiresAt = Math.floor(now / 1000) + (30 * day) / 1000;
    expect(await inboxRow(`${sub.name}#${envelope.id}`)).toMatchObject({ expiresAt });
  });

  test("do not matter to what is waited for: a clock that jumps ends no patience", async () => {
    let jumps = 0;
    const jumping: Clock = { ...realClock, now: () => Date.now() + jumps++ * hour };
    const unanswered = Object.assign(new Error("cut"), { name: "TimeoutError" });
    const { client, tokens } = scriptedTable([unanswered, unanswered, "written"]);
    const outbox = createOutbox({ client, source: "/notes", tables, clock: jumping });
    expect(await outbox.commit(noteCommit("1", "milk"))).toEqual({ outcome: "committed", version: 1 });
    expect(tokens).toHaveLength(3);
  });
});
