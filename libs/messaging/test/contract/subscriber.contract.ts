import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import { type Envelope, fromWire, sequenceOf, toWire } from "../../src/events/envelope.ts";
import { type Delivery, ignore, type Message, on, type Settled, subscriber } from "../../src/index.ts";
import { type Notebook, Noted } from "./notebook.fixture.ts";

function delivery(): { id: string; first: Delivery; again: Delivery } {
  const id = randomUUID();
  const envelope: Envelope = {
    specversion: "1.0",
    id,
    type: "Noted",
    source: "/elsewhere",
    subject: "note#1",
    time: new Date().toISOString(),
    datacontenttype: "application/json",
    dataschema: "/elsewhere/Noted/1",
    sequence: sequenceOf(1, 0),
    correlationid: "story",
    data: { text: "milk" },
  };
  const first = { body: toWire(envelope), receiveCount: 1, sentAt: Date.now() };
  return { id, first, again: { ...first, receiveCount: 2 } };
}

export function describeSubscribers(notebook: () => Notebook): void {
  const readers = (handler: (message: Message<{ text: string }>) => Promise<Settled>) =>
    subscriber("readers", notebook().outbox, [on(Noted, handler)]);

  describe("a subscriber", () => {
    test("commits the effect and the record that the message was handled together", async () => {
      const { id, first } = delivery();
      const sub = readers((message) => message.commit(notebook().noting(message.id, message.data.text)));
      expect(await sub.handle(first)).toMatchObject({ outcome: "committed", id, type: "Noted", subject: "note#1" });
      expect(await notebook().note(id)).toMatchObject({ text: "milk" });
      expect(await notebook().inboxRow("readers", id)).toMatchObject({ type: "Noted", attempts: 1 });
    });

    test("does nothing a second time, also when both come at once", async () => {
      const { id, first, again } = delivery();
      const sub = readers((message) =>
        message.commit({ writes: [counting(notebook().endpoint.tables.notes, message.id)] }),
      );
      const outcomes = await Promise.all([sub.handle(first), sub.handle(again), sub.handle(again)]);
      expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual(["committed", "duplicate", "duplicate"]);
      expect(await notebook().note(id)).toMatchObject({ number: 1 });
    });

    test("runs its handler again when it was beaten to the version", async () => {
      const { id, first } = delivery();
      let runs = 0;
      const sub = readers(async (message) => {
        const expected = Number((await notebook().note(id))?.version ?? 0);
        if (runs++ === 0) await notebook().outbox.commit(notebook().noting(id, "faster", expected));
        return message.commit(notebook().noting(id, "slower", expected));
      });
      expect(await sub.handle(first)).toMatchObject({ outcome: "committed" });
      expect(await notebook().note(id)).toMatchObject({ version: 2, text: "slower" });
    });

    test("may answer a refusal by another commit", async () => {
      const { id, first } = delivery();
      await notebook().outbox.commit(notebook().noting(`taken-${id}`, "mine"));
      const sub = readers(async (message) => {
        const result = await message.commit({ guarded: { unique: notebook().creating(`taken-${id}`) } });
        return result.outcome === "refused" ? message.commit(notebook().noting(`other-${id}`, "instead")) : result;
      });
      expect(await sub.handle(first)).toMatchObject({ outcome: "committed" });
      expect(await notebook().note(`other-${id}`)).toMatchObject({ text: "instead" });
    });

    test("records what it ignores", async () => {
      const { id, first, again } = delivery();
      const sub = readers(async () => ignore("not ours"));
      expect(await sub.handle(first)).toMatchObject({ outcome: "ignored" });
      expect(await sub.handle(again)).toMatchObject({ outcome: "duplicate" });
      expect(await notebook().inboxRow("readers", id)).toMatchObject({ ignored: "not ours" });
    });

    test("keeps nothing when the handler throws", async () => {
      const { id, first } = delivery();
      await expect(readers(() => Promise.reject(new Error("broken"))).handle(first)).rejects.toThrow("broken");
      expect(await notebook().inboxRow("readers", id)).toBeUndefined();
    });

    test("names the message as the cause of what it commits", async () => {
      const { id, first } = delivery();
      await readers((message) => message.commit(notebook().noting(id, "caused"))).handle(first);
      const row = (await notebook().outboxRow(id, 1)) as { events: { json: string }[] };
      expect(fromWire(row.events[0]?.json ?? "")).toMatchObject({ correlationid: "story", causationid: id });
    });
  });
}

function counting(TableName: string, id: string) {
  const Update = {
    TableName,
    Key: { id },
    UpdateExpression: "ADD #number :one",
    ExpressionAttributeNames: { "#number": "number" },
    ExpressionAttributeValues: { ":one": 1 },
  };
  return { Update };
}
