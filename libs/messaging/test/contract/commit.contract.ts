import { randomUUID } from "node:crypto";
import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { describe, expect, test } from "vitest";
import {
  CommitOutcomeUnknownError,
  ConcurrencyConflictError,
  InvalidEventDataError,
  UnguardedConditionError,
} from "../../src/index.ts";
import { Noted } from "../fixtures/notes.fixture.ts";
import { NotesService } from "./notes-service.fixture.ts";
import { type Unreliability, unreliable } from "./unreliable.fixture.ts";

export function describeCommits(service: () => NotesService): void {
  describe("a commit", () => {
    test("writes the state and its events", async () => {
      const id = randomUUID();
      const { outbox, noteCommit } = bound(service());
      expect(await outbox.commit(noteCommit(id, "milk"))).toEqual({ outcome: "committed", version: 1 });
      expect(await service().note(id)).toEqual({ id, version: 1, text: "milk" });
      expect(await service().outboxRow(id, 1)).toMatchObject({ version: 1, events: [{ type: "Noted" }] });
    });

    test("without events writes no row", async () => {
      const id = randomUUID();
      await service().outbox.commit(service().noteCommitWithoutEvents(id, "milk"));
      expect(await service().note(id)).toMatchObject({ version: 1 });
      expect(await service().outboxRow(id, 1)).toBeUndefined();
    });

    test("on a version that has passed conflicts, and leaves nothing behind", async () => {
      const id = randomUUID();
      const { outbox, noteCommit } = bound(service());
      await outbox.commit(noteCommit(id, "milk"));
      await outbox.commit(noteCommit(id, "bread", 1));
      await expect(outbox.commit(noteCommit(id, "late", 1))).rejects.toThrow(ConcurrencyConflictError);
      await expect(outbox.commit(noteCommit(id, "new?", 0))).rejects.toThrow(ConcurrencyConflictError);
      expect(await service().note(id)).toMatchObject({ version: 2, text: "bread" });
    });

    test("races others for a version, and one wins", async () => {
      const id = randomUUID();
      const { outbox, noteCommit } = bound(service());
      const race = await Promise.allSettled(
        Array.from({ length: 10 }, (_, n) => outbox.commit(noteCommit(id, `${n}`))),
      );
      expect(race.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      for (const lost of race)
        if (lost.status === "rejected") expect(lost.reason).toBeInstanceOf(ConcurrencyConflictError);
    });
  });
}

export function describeRefusedCommits(service: () => NotesService): void {
  describe("a commit", () => {
    test("is refused by the name of the guard that did not hold, with what was found there", async () => {
      const [id, taken] = [randomUUID(), randomUUID()];
      const { outbox, noteCommit } = bound(service());
      await outbox.commit(noteCommit(taken, "mine"));
      const result = await outbox.commit({
        ...noteCommit(id, "milk"),
        guarded: { unique: service().putUnlessExists(taken) },
      });
      expect(result).toEqual({ outcome: "refused", by: "unique", found: { id: taken, version: 1, text: "mine" } });
      expect(await service().note(id)).toBeUndefined();
    });

    test("that is refused or conflicts has no events", async () => {
      const [id, taken] = [randomUUID(), randomUUID()];
      const { outbox, noteCommit } = bound(service());
      await outbox.commit(noteCommit(taken, "mine"));
      await outbox.commit({ ...noteCommit(id, "milk"), guarded: { unique: service().putUnlessExists(taken) } });
      expect(await service().outboxRow(id, 1)).toBeUndefined();
      await expect(outbox.commit(noteCommit(taken, "ahead of its time", 4))).rejects.toThrow(ConcurrencyConflictError);
      expect(await service().outboxRow(taken, 5)).toBeUndefined();
    });

    test("throws when a condition fails that nobody answers for", async () => {
      const taken = randomUUID();
      const { outbox, noteCommit } = bound(service());
      await outbox.commit(noteCommit(taken, "mine"));
      const failing = { ...noteCommit(randomUUID(), "milk"), writes: [service().putUnlessExists(taken)] };
      await expect(outbox.commit(failing)).rejects.toThrow(UnguardedConditionError);
    });

    test("with data that does not match its schema writes nothing", async () => {
      const id = randomUUID();
      const wrong = { ...service().noteCommit(id, "milk"), events: [{ ...Noted({ text: "" }), validate: refuseData }] };
      await expect(service().outbox.commit(wrong)).rejects.toThrow(InvalidEventDataError);
      expect(await service().note(id)).toBeUndefined();
    });

    test("is not kept from its version by an edit of the item past the outbox", async () => {
      const id = randomUUID();
      const { outbox, noteCommit } = bound(service());
      await outbox.commit(noteCommit(id, "milk"));
      const edit = {
        UpdateExpression: "SET #t = :t",
        ExpressionAttributeNames: { "#t": "text" },
        ExpressionAttributeValues: { ":t": "edited" },
      };
      const TableName = service().endpoint.tables.notes;
      await service().clients.documents.send(new UpdateCommand({ TableName, Key: { id }, ...edit }));
      expect(await outbox.commit(noteCommit(id, "bread", 1))).toEqual({ outcome: "committed", version: 2 });
    });
  });
}

export function describeLostAnswers(service: () => NotesService): void {
  describe("a commit whose answer is lost", () => {
    const behind = (how: Partial<Unreliability>) => {
      const clients = service().endpoint.newClients();
      const calls = unreliable(clients, { cutAnswers: 1, forgetsTokens: true, ...how });
      return { calls, ...bound(new NotesService(service().endpoint, clients)) };
    };

    test("is re-issued under its token, and took place once", async () => {
      const id = randomUUID();
      const { outbox, noteCommit, calls } = behind({ forgetsTokens: false });
      expect(await outbox.commit(noteCommit(id, "milk"))).toEqual({ outcome: "committed", version: 1 });
      expect(calls.sent).toBe(2);
      expect(await service().note(id)).toMatchObject({ version: 1 });
    });

    test("knows its own row when the token has been forgotten", async () => {
      const { outbox, noteCommit, calls } = behind({});
      expect(await outbox.commit(noteCommit(randomUUID(), "milk"))).toEqual({ outcome: "committed", version: 1 });
      expect(calls.sent).toBe(2);
    });

    test("knows its own row also when the aggregate has moved on since", async () => {
      const id = randomUUID();
      const meanwhile = () => service().outbox.commit(service().noteCommit(id, "bread", 1));
      const { outbox, noteCommit } = behind({ meanwhile });
      expect(await outbox.commit(noteCommit(id, "milk"))).toEqual({ outcome: "committed", version: 1 });
      expect(await service().note(id)).toMatchObject({ version: 2, text: "bread" });
    });

    test("without events is recognised by its item", async () => {
      const { outbox, noteCommitWithoutEvents } = behind({});
      expect(await outbox.commit(noteCommitWithoutEvents(randomUUID(), "milk"))).toEqual({
        outcome: "committed",
        version: 1,
      });
    });

    test("without events is unknown when the aggregate has a newer version", async () => {
      const id = randomUUID();
      const meanwhile = () => service().outbox.commit(service().noteCommit(id, "bread", 1));
      const { outbox, noteCommitWithoutEvents } = behind({ meanwhile });
      await expect(outbox.commit(noteCommitWithoutEvents(id, "milk"))).rejects.toThrow(CommitOutcomeUnknownError);
    });

    test("conflicts when somebody else's commit stands there", async () => {
      const id = randomUUID();
      await service().outbox.commit(service().noteCommit(id, "milk"));
      const { outbox, noteCommit } = behind({});
      await expect(outbox.commit(noteCommit(id, "milk"))).rejects.toThrow(ConcurrencyConflictError);
    });

    test("and that nothing of its own could tell apart is said to be unknown", async () => {
      const { outbox } = behind({});
      const commit = outbox.commit({ guarded: { unique: service().putUnlessExists(randomUUID()) } });
      await expect(commit).rejects.toThrow(CommitOutcomeUnknownError);
    });
  });
}

const refuseData = () => Promise.reject(new InvalidEventDataError("Noted", ["text: expected string"]));

/** A service's methods, bound to it for destructuring. */
function bound(service: NotesService) {
  const { outbox } = service;
  return {
    outbox,
    noteCommit: service.noteCommit.bind(service),
    noteCommitWithoutEvents: service.noteCommitWithoutEvents.bind(service),
  };
}
