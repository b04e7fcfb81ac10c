import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { delivery } from "../../test/fixtures/delivery.fixture.ts";
import { Noted, type NotesAws, noteCommit, openNotesAws, tables } from "../../test/fixtures/notes-aws.fixture.ts";
import { fromWire } from "../events/envelope.ts";
import { currentContext, ignore, type Message, on, type Settled, SettledTwiceError, subscriber } from "../index.ts";

let notes: NotesAws;
beforeAll(async () => {
  notes = await openNotesAws();
});
afterAll(() => notes?.aws.close());

type Noting = Message<{ text: string }>;
const readers = (handler: (message: Noting) => Promise<Settled>) =>
  subscriber("readers", notes.outbox, [on(Noted, handler)]);
const inboxRow = async (id: string) => (await notes.inboxRows()).find(({ message }) => message === `readers#${id}`);

describe("a subscriber", () => {
  test("commits the effect and the record that the message was handled together", async () => {
    const { envelope, ...first } = delivery();
    const sub = readers((message) => message.commit(noteCommit(message.id, message.data.text)));
    expect(await sub.handle(first)).toEqual({
      outcome: "committed",
      id: envelope.id,
      type: "Noted",
      subject: "note#1",
    });
    expect(await notes.note(envelope.id)).toMatchObject({ text: "milk" });
    const { handledAt, expiresAt, ...row } = (await inboxRow(envelope.id)) ?? {};
    expect(row).toEqual({
      message: `readers#${envelope.id}`,
      type: "Noted",
      source: "/elsewhere",
      publishedAt: "2026-01-01T00:00:00.500Z",
      attempts: 1,
    });
    expect([typeof handledAt, typeof expiresAt]).toEqual(["string", "number"]);
  });

  test("handles a message once, however often and at once it is delivered", async () => {
    const { envelope, ...same } = delivery();
    const counter = randomUUID();
    const addOne = {
      UpdateExpression: "ADD #n :one",
      ExpressionAttributeNames: { "#n": "n" },
      ExpressionAttributeValues: { ":one": 1 },
    };
    const sub = readers((message) =>
      message.commit({ writes: [{ Update: { TableName: tables.notes, Key: { id: counter }, ...addOne } }] }),
    );
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => sub.handle(same)));
    outcomes.push(await sub.handle(same));
    expect(outcomes.filter(({ outcome }) => outcome === "committed")).toHaveLength(1);
    expect(outcomes.filter(({ outcome }) => outcome === "duplicate")).toHaveLength(10);
    expect(await notes.note(counter)).toMatchObject({ n: 1 });
    expect(await inboxRow(envelope.id)).toBeDefined();
  });

  test("records an ignored message too, with the reason", async () => {
    const { envelope, ...one } = delivery();
    const sub = readers(async () => ignore("nothing to read"));
    expect(await sub.handle(one)).toMatchObject({ outcome: "ignored" });
    expect(await inboxRow(envelope.id)).toMatchObject({ ignored: "nothing to read" });
    expect(await sub.handle(one)).toMatchObject({ outcome: "duplicate" });
  });

  test("acknowledges a type it does not know, without a record", async () => {
    const { envelope, ...one } = delivery({ type: "Erased" });
    expect(await readers(async () => ignore("never")).handle(one)).toMatchObject({
      outcome: "unknown",
      type: "Erased",
    });
    expect(await inboxRow(envelope.id)).toBeUndefined();
  });
});

describe("a handler's commit", () => {
  test("runs the handler again when somebody else committed in between", async () => {
    const { envelope: _, ...one } = delivery();
    const id = randomUUID();
    await notes.outbox.commit(noteCommit(id, "first"));
    const seen: number[] = [];
    const sub = readers(async (message) => {
      const { version } = (await notes.note(id)) as { version: number };
      seen.push(version);
      if (seen.length === 1) await notes.outbox.commit(noteCommit(id, "in between", version));
      return message.commit(noteCommit(id, "handled", version));
    });
    expect(await sub.handle(one)).toMatchObject({ outcome: "committed" });
    expect(seen).toEqual([1, 2]);
    expect(await notes.note(id)).toMatchObject({ version: 3, text: "handled" });
  });

  test("leaves a refused delivery open for another decision, and writes nothing of the refused one", async () => {
    const { envelope, ...one } = delivery();
    await notes.outbox.commit(noteCommit(`taken-${envelope.id}`, "mine"));
    const sub = readers(async (message) => {
      const put = {
        TableName: tables.notes,
        Item: { id: `taken-${message.id}` },
        ConditionExpression: "attribute_not_exists(id)",
      };
      const result = await message.commit({ guarded: { unique: { Put: put } } });
      return result.outcome === "refused" ? message.commit(noteCommit(`other-${message.id}`, "instead")) : result;
    });
    expect(await sub.handle(one)).toMatchObject({ outcome: "committed" });
    expect(await notes.note(`taken-${envelope.id}`)).toMatchObject({ text: "mine" });
    expect(await notes.note(`other-${envelope.id}`)).toMatchObject({ text: "instead" });
  });

  test("throws at a second commit of one delivery", async () => {
    const { envelope, ...one } = delivery();
    const sub = readers(async (message) => {
      await message.commit(noteCommit(`a-${message.id}`, "first"));
      return message.commit(noteCommit(`b-${message.id}`, "second"));
    });
    await expect(sub.handle(one)).rejects.toThrow(SettledTwiceError);
    expect(await notes.note(`b-${envelope.id}`)).toBeUndefined();
  });

  test("keeps nothing when the handler throws, so that the message can come again", async () => {
    const { envelope, ...one } = delivery();
    const broken = readers(() => Promise.reject(new Error("broken")));
    await expect(broken.handle(one)).rejects.toThrow("broken");
    expect(await inboxRow(envelope.id)).toBeUndefined();
    const mended = readers((message) => message.commit({}));
    expect(await mended.handle({ ...one, receiveCount: 2 })).toMatchObject({ outcome: "committed" });
    expect(await inboxRow(envelope.id)).toMatchObject({ attempts: 2 });
  });
});

describe("a handler's message", () => {
  test("passes the story on: what a handler commits names the message as its cause", async () => {
    const { envelope, ...one } = delivery();
    const sub = readers((message) => {
      expect(currentContext()).toEqual({ correlationId: "story", causationId: message.id });
      return message.commit(noteCommit(message.id, "caused"));
    });
    await sub.handle(one);
    const row = (await notes.outboxRow(`note#${envelope.id}`, 1)) as { events: { json: string }[] };
    expect(fromWire(row.events[0]?.json ?? "")).toMatchObject({ correlationid: "story", causationid: envelope.id });
  });

  test("does not take data of another shape", async () => {
    const { envelope: _, ...one } = delivery({ data: { text: 7 } });
    await expect(readers(async () => ignore("never")).handle(one)).rejects.toThrow("data of Noted");
  });

  test("cannot have two handlers for one type", () => {
    const handler = async () => ignore("never");
    expect(() => subscriber("readers", notes.outbox, [on(Noted, handler), on(Noted, handler)])).toThrow("two handlers");
  });
});
