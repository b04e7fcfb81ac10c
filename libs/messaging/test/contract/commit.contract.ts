import { randomUUID } from "node:crypto";
import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { describe, expect, test } from "vitest";
import {
  CommitOutcomeUnknownError,
  ConcurrencyConflictError,
  InvalidEventDataError,
  UnguardedConditionError,
} from "../../src/index.ts";
import { Noted, NotesService } from "./notes-service.fixture.ts";
import { type Unreliability, unreliable } from "./unreliable.fixture.ts";

export function describeCommits(service: () => NotesService): void {
  describe("a commit", () => {
    test("writes the state and its events", async () => {
      const id = randomUUID();
      const { outbox, noting } = bound(service());
      expect(await outbox.commit(noting(id, "milk"))).toEqual({ outcome: "committed", version: 1 });
      expect(await service().note(id)).toEqual({ id, version: 1, text: "milk" });
      expect(await service().outboxRow(id, 1)).toMatchObject({ version: 1, events: [{ type: "Noted" }] });
    });

    test("without events writes no row", async () => {
      const id = randomUUID();
      await service().outbox.commit(service().silently(id, "milk"));
      expect(await service().note(id)).toMatchObject({ version: 1 });
      expect(await service().outboxRow(id, 1)).toBeUndefined();
    });

    test("on a version that has passed conflicts, and leaves nothing behind", async () => {
      const id = randomUUID();
      const { outbox, noting } = bound(service());
      await outbox.commit(noting(id, "milk"));
      await outbox.commit(noting(id, "bread", 1));
      await expect(outbox.commit(noting(id, "late", 1))).rejects.toThrow(ConcurrencyConflictError);
      await expect(outbox.commit(noting(id, "new?", 0))).rejects.toThrow(ConcurrencyConflictError);
      expect(await service().note(id)).toMatchObject({ version: 2, text: "bread" });
    });

    test("races others for a version, and one wins", async () => {
      const id = randomUUID();
      const { outbox, noting } = bound(service());
      const race = await Promise.allSettled(Array.from({ length: 10 }, (_, n) => outbox.commit(noting(id, `${n}`))));
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
      const { outbox, noting } = bound(service());
      await outbox.commit(noting(taken, "mine"));
      const result = await outbox.commit({ ...noting(id, "milk"), guarded: { unique: service().creating(taken) } });
      expect(result).toEqual({ outcome: "refused", by: "unique", found: { id: taken, version: 1, text: "mine" } });
      expect(await service().note(id)).toBeUndefined();
    });

    test("that is refused or conflicts has no events", async () => {
      const [id, taken] = [randomUUID(), randomUUID()];
      const { outbox, noting } = bound(service());
      await outbox.commit(noting(taken, "mine"));
      await outbox.commit({ ...noting(id, "milk"), guarded: { unique: service().creating(taken) } });
      expect(await service().outboxRow(id, 1)).toBeUndefined();
      await expect(outbox.commit(noting(taken, "ahead of its time", 4))).rejects.toThrow(ConcurrencyConflictError);
      expect(await service().outboxRow(taken, 5)).toBeUndefined();
    });

    test("throws when a condition fails that nobody answers for", async () => {
      const taken = randomUUID();
      const { outbox, noting } = bound(service());
      await outbox.commit(noting(taken, "mine"));
      const failing = { ...noting(randomUUID(), "milk"), writes: [service().creating(taken)] };
      await expect(outbox.commit(failing)).rejects.toThrow(UnguardedConditionError);
    });

    test("with data that does not match its schema writes nothing", async () => {
      const id = randomUUID();
      const wrong = { ...service().noting(id, "milk"), events: [{ ...Noted({ text: "" }), validate: refusing }] };
      await expect(service().outbox.commit(wrong)).rejects.toThrow(InvalidEventDataError);
      expect(await service().note(id)).toBeUndefined();
    });

    test("is not kept from its version by an edit of the item past the outbox", async () => {
      const id = randomUUID();
      const { outbox, noting } = bound(service());
      await outbox.commit(noting(id, "milk"));
      const edit = {
        UpdateExpression: "SET #t = :t",
        ExpressionAttributeNames: { "#t": "text" },
        ExpressionAttributeValues: { ":t": "edited" },
      };
      const TableName = service().endpoint.tables.notes;
      await service().clients.documents.send(new UpdateCommand({ TableName, Key: { id }, ...edit }));
      expect(await outbox.commit(noting(id, "bread", 1))).toEqual({ outcome: "committed", version: 2 });
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
      const { outbox, noting, calls } = behind({ forgetsTokens: false });
      expect(await outbox.commit(noting(id, "milk"))).toEqual({ outcome: "committed", version: 1 });
      expect(calls.sent).toBe(2);
      expect(await service().note(id)).toMatchObject({ version: 1 });
    });

    test("knows its own row when the token has been forgotten", async () => {
      const { outbox, noting, calls } = behind({});
      expect(await outbox.commit(noting(randomUUID(), "milk"))).toEqual({ outcome: "committed", version: 1 });
      expect(calls.sent).toBe(2);
    });

    test("knows its own row also when the aggregate has moved on since", async () => {
      const id = randomUUID();
      const meanwhile = () => service().outbox.commit(service().noting(id, "bread", 1));
      const { outbox, noting } = behind({ meanwhile });
      expect(await outbox.commit(noting(id, "milk"))).toEqual({ outcome: "committed", version: 1 });
      expect(await service().note(id)).toMatchObject({ version: 2, text: "bread" });
    });

    test("without events is recognised by its item", async () => {
      const { outbox, silently } = behind({});
      expect(await outbox.commit(silently(randomUUID(), "milk"))).toEqual({ outcome: "committed", version: 1 });
    });

    test("without events is unknown when the aggregate has a newer version", async () => {
      const id = randomUUID();
      const meanwhile = () => service().outbox.commit(service().noting(id, "bread", 1));
      const { outbox, silently } = behind({ meanwhile });
      await expect(outbox.commit(silently(id, "milk"))).rejects.toThrow(CommitOutcomeUnknownError);
    });

    test("conflicts when somebody else's commit stands there", async () => {
      const id = randomUUID();
      await service().outbox.commit(service().noting(id, "milk"));
      const { outbox, noting } = behind({});
      await expect(outbox.commit(noting(id, "milk"))).rejects.toThrow(ConcurrencyConflictError);
    });

    test("and that nothing of its own could tell apart is said to be unknown", async () => {
      const { outbox } = behind({});
      const commit = outbox.commit({ guarded: { unique: service().creating(randomUUID()) } });
      await expect(commit).rejects.toThrow(CommitOutcomeUnknownError);
    });
  });
}

const refusing = () => Promise.reject(new InvalidEventDataError("Noted", ["text: expected string"]));

/** A service's methods, bound to it for destructuring. */
function bound(service: NotesService) {
  const { outbox } = service;
  return { outbox, noting: service.noting.bind(service), silently: service.silently.bind(service) };
}
