import { describe, expect, test } from "vitest";
import { fromWire } from "../../src/events/envelope.ts";
import { type Delivery, ignore, type Message, on, type Settled, subscriber } from "../../src/index.ts";
import { delivery } from "../fixtures/delivery.fixture.ts";
import { incrementIn, Noted } from "../fixtures/notes.fixture.ts";
import type { NotesService } from "./notes-service.fixture.ts";

function received(): { id: string; first: Delivery; again: Delivery } {
  const { envelope, ...first } = delivery();
  return { id: envelope.id, first, again: { ...first, receiveCount: 2 } };
}

export function describeSubscribers(service: () => NotesService): void {
  const readers = (handler: (message: Message<{ text: string }>) => Promise<Settled>) =>
    subscriber("readers", service().outbox, [on(Noted, handler)]);

  describe("a subscriber", () => {
    test("commits the effect and the record that the message was handled together", async () => {
      const { id, first } = received();
      const sub = readers((message) => message.commit(service().noteCommit(message.id, message.data.text)));
      expect(await sub.handle(first)).toMatchObject({ outcome: "committed", id, type: "Noted", subject: "note#1" });
      expect(await service().note(id)).toMatchObject({ text: "milk" });
      expect(await service().inboxRow("readers", id)).toMatchObject({ type: "Noted", attempts: 1 });
    });

    test("does nothing a second time, also when both come at once", async () => {
      const { id, first, again } = received();
      const sub = readers((message) =>
        message.commit({ writes: [{ Update: incrementIn(service().endpoint.tables.notes, message.id) }] }),
      );
      const outcomes = await Promise.all([sub.handle(first), sub.handle(again), sub.handle(again)]);
      expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual(["committed", "duplicate", "duplicate"]);
      expect(await service().note(id)).toMatchObject({ number: 1 });
    });

    test("runs its handler again when it was beaten to the version", async () => {
      const { id, first } = received();
      let runs = 0;
      const sub = readers(async (message) => {
        const expected = Number((await service().note(id))?.version ?? 0);
        if (runs++ === 0) await service().outbox.commit(service().noteCommit(id, "faster", expected));
        return message.commit(service().noteCommit(id, "slower", expected));
      });
      expect(await sub.handle(first)).toMatchObject({ outcome: "committed" });
      expect(await service().note(id)).toMatchObject({ version: 2, text: "slower" });
    });

    test("may answer a refusal by another commit", async () => {
      const { id, first } = received();
      await service().outbox.commit(service().noteCommit(`taken-${id}`, "mine"));
      const sub = readers(async (message) => {
        const result = await message.commit({ guarded: { unique: service().putUnlessExists(`taken-${id}`) } });
        return result.outcome === "refused" ? message.commit(service().noteCommit(`other-${id}`, "instead")) : result;
      });
      expect(await sub.handle(first)).toMatchObject({ outcome: "committed" });
      expect(await service().note(`other-${id}`)).toMatchObject({ text: "instead" });
    });

    test("records what it ignores", async () => {
      const { id, first, again } = received();
      const sub = readers(async () => ignore("not ours"));
      expect(await sub.handle(first)).toMatchObject({ outcome: "ignored" });
      expect(await sub.handle(again)).toMatchObject({ outcome: "duplicate" });
      expect(await service().inboxRow("readers", id)).toMatchObject({ ignored: "not ours" });
    });

    test("keeps nothing when the handler throws", async () => {
      const { id, first } = received();
      await expect(readers(() => Promise.reject(new Error("broken"))).handle(first)).rejects.toThrow("broken");
      expect(await service().inboxRow("readers", id)).toBeUndefined();
    });

    test("names the message as the cause of what it commits", async () => {
      const { id, first } = received();
      await readers((message) => message.commit(service().noteCommit(id, "caused"))).handle(first);
      const row = (await service().outboxRow(id, 1)) as { events: { json: string }[] };
      expect(fromWire(row.events[0]?.json ?? "")).toMatchObject({ correlationid: "story", causationid: id });
    });
  });
}
