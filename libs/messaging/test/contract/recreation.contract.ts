import { randomUUID } from "node:crypto";
import { DeleteCommand, PutCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { describe, expect, test } from "vitest";
import { ConcurrencyConflictError, OutboxAheadError, on, retryConflicts, subscriber } from "../../src/index.ts";
import { deliver } from "../../src/testing/index.ts";
import { Noted } from "../fixtures/notes.fixture.ts";
import { NotesService } from "./notes-service.fixture.ts";
import { unreliable } from "./unreliable.fixture.ts";

/** Notes that were deleted or restored without the outbox. */
function changedNotes(service: () => NotesService) {
  const notes = () => service().endpoint.tables.notes;
  const note = (id: string, text: string, expected = 0) =>
    service().outbox.commit(service().noteCommit(id, text, expected));
  const recreating = (id: string, text: string, expected = 0) => recreated(service().noteCommit(id, text, expected));

  /** A note with events of its versions 1 and 2, whose item is then deleted without the outbox. */
  async function deletedNote(): Promise<string> {
    const id = randomUUID();
    await note(id, "milk");
    await note(id, "bread", 1);
    await service().clients.documents.send(new DeleteCommand({ TableName: notes(), Key: { id } }));
    return id;
  }

  /** The same, with the item back at version 1, as a backup has it. */
  async function restoredNote(): Promise<string> {
    const id = await deletedNote();
    const backup = { id, text: "milk", version: 1 };
    await service().clients.documents.send(new PutCommand({ TableName: notes(), Item: backup }));
    return id;
  }

  /** An outbox whose first answer is lost, and whose endpoint forgets tokens. */
  function behindLostAnswer() {
    const clients = service().endpoint.newClients();
    const calls = unreliable(clients, { cutAnswers: 1, forgetsTokens: true });
    return { calls, outbox: new NotesService(service().endpoint, clients).outbox };
  }

  async function sequences(id: string, versions: readonly number[]): Promise<unknown[]> {
    const rows = await Promise.all(versions.map((version) => service().outboxRow(id, version)));
    const events = rows.flatMap((row) => (row?.events ?? []) as { json: string }[]);
    return events.map(({ json }) => JSON.parse(json).sequence);
  }

  return { notes, note, recreating, deletedNote, restoredNote, behindLostAnswer, sequences };
}

export function describeOutboxAhead(service: () => NotesService): void {
  const { note, deletedNote, restoredNote, behindLostAnswer } = changedNotes(service);

  describe("a commit that the outbox is ahead of", () => {
    test("because the item was deleted and is made again fails with what to do, and writes nothing", async () => {
      const id = await deletedNote();
      const error = await note(id, "eggs").catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(OutboxAheadError);
      expect(error).not.toBeInstanceOf(ConcurrencyConflictError);
      expect(error).toMatchObject({
        aggregate: `note#${id}`,
        version: 1,
        message: expect.stringContaining("recreate: true"),
      });
      expect(await service().note(id)).toBeUndefined();
    });

    test("because the table was restored fails, and is not retried as a conflict", async () => {
      const id = await restoredNote();
      let loads = 0;
      const changing = retryConflicts(
        async () => ++loads,
        () => 1,
        (expected) => note(id, "eggs", expected),
      );
      await expect(changing).rejects.toThrow(OutboxAheadError);
      expect(loads).toBe(1);
      expect(await service().note(id)).toMatchObject({ text: "milk", version: 1 });
    });

    test("fails its message, whose handler runs once and leaves no record", async () => {
      const id = await restoredNote();
      let runs = 0;
      const readers = subscriber("recreation", service().outbox, [
        on(Noted, (message) => {
          runs += 1;
          return message.commit(service().noteCommit(id, message.data.text, 1));
        }),
      ]);
      const eventId = randomUUID();
      const delivery = deliver(readers, Noted({ text: "eggs" }), { subject: `note#${id}`, id: eventId });
      await expect(delivery).rejects.toThrow(OutboxAheadError);
      expect(runs).toBe(1);
      expect(await service().inboxRow("recreation", eventId)).toBeUndefined();
    });

    test("fails likewise after an answer was lost: none of its tries can have taken place", async () => {
      const id = await restoredNote();
      const { outbox } = behindLostAnswer();
      await expect(outbox.commit(service().noteCommit(id, "eggs", 1))).rejects.toThrow(OutboxAheadError);
    });
  });
}

export function describeRaisedVersions(service: () => NotesService): void {
  const { notes, note, restoredNote } = changedNotes(service);

  describe("a commit that the outbox is ahead of", () => {
    test("succeeds when the item's version has been raised to the highest in the outbox", async () => {
      const id = await restoredNote();
      const raise = {
        UpdateExpression: "SET #version = :highest",
        ExpressionAttributeNames: { "#version": "version" },
        ExpressionAttributeValues: { ":highest": 2 },
      };
      await service().clients.documents.send(new UpdateCommand({ TableName: notes(), Key: { id }, ...raise }));
      expect(await note(id, "eggs", 2)).toEqual({ outcome: "committed", version: 3 });
    });

    test("is a conflict where the row is the only lock", async () => {
      const aggregate = `note#${randomUUID()}`;
      const numbered = () => service().outbox.commit({ aggregate, version: 1, events: [Noted({ text: "milk" })] });
      await numbered();
      await expect(numbered()).rejects.toThrow(ConcurrencyConflictError);
    });
  });
}

export function describeRecreations(service: () => NotesService): void {
  const { note, recreating, deletedNote, restoredNote, sequences } = changedNotes(service);

  describe("a commit that recreates", () => {
    test("a deleted item goes on after the outbox's highest version", async () => {
      const id = await deletedNote();
      expect(await service().outbox.commit(recreating(id, "eggs"))).toEqual({ outcome: "committed", version: 3 });
      expect(await service().note(id)).toEqual({ id, text: "eggs", version: 3 });
      expect(await sequences(id, [1, 2, 3])).toEqual(["000000000001.000", "000000000002.000", "000000000003.000"]);
      expect(await note(id, "tea", 3)).toEqual({ outcome: "committed", version: 4 });
    });

    test("an item that was never there begins at version 1", async () => {
      const commit = service().outbox.commit(recreating(randomUUID(), "milk"));
      expect(await commit).toEqual({ outcome: "committed", version: 1 });
    });

    test("a restored item is saved over the version that it was loaded with", async () => {
      const id = await restoredNote();
      expect(await service().outbox.commit(recreating(id, "eggs", 1))).toEqual({ outcome: "committed", version: 3 });
    });

    test("an item that is further than the outbox takes the version after its own", async () => {
      const id = randomUUID();
      await note(id, "milk");
      await service().outbox.commit(service().noteCommitWithoutEvents(id, "bread", 1));
      await service().outbox.commit(service().noteCommitWithoutEvents(id, "eggs", 2));
      expect(await service().outbox.commit(recreating(id, "tea", 3))).toEqual({ outcome: "committed", version: 4 });
    });
  });
}

export function describeRacingRecreations(service: () => NotesService): void {
  const { note, recreating, deletedNote, behindLostAnswer } = changedNotes(service);

  describe("a commit that recreates", () => {
    test("without events goes on after the outbox's highest version, too", async () => {
      const id = await deletedNote();
      const silent = recreated(service().noteCommitWithoutEvents(id, "eggs"));
      expect(await service().outbox.commit(silent)).toEqual({ outcome: "committed", version: 3 });
    });

    test("an item that is there conflicts", async () => {
      const id = randomUUID();
      await note(id, "milk");
      await expect(service().outbox.commit(recreating(id, "eggs"))).rejects.toThrow(ConcurrencyConflictError);
    });

    test("races others, and one wins", async () => {
      const id = await deletedNote();
      const tries = Array.from({ length: 10 }, (_, n) => service().outbox.commit(recreating(id, `${n}`)));
      const race = await Promise.allSettled(tries);
      expect(race.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      for (const lost of race)
        if (lost.status === "rejected") expect(lost.reason).toBeInstanceOf(ConcurrencyConflictError);
    });

    test("and whose answer is lost keeps the version it chose, and knows its own row", async () => {
      const id = await deletedNote();
      const { outbox, calls } = behindLostAnswer();
      expect(await outbox.commit(recreating(id, "eggs"))).toEqual({ outcome: "committed", version: 3 });
      expect(calls.sent).toBe(2);
      expect(await service().outboxRow(id, 4)).toBeUndefined();
    });
  });
}

function recreated<C extends { readonly save: object }>(commit: C) {
  return { ...commit, save: { ...commit.save, recreate: true } };
}
