import { marshall } from "@aws-sdk/util-dynamodb";
import { describe, expect, test } from "vitest";
import { CommitOutcomeUnknownError, ConcurrencyConflictError, OutboxAheadError } from "../runtime/errors.ts";
import { FakeAws } from "../testing/index.ts";
import { interpret, outboxPart, type Part, savePart } from "./commit-parts.ts";
import { StoredItem } from "./transaction/stored-item.ts";

const client = new FakeAws({}).clients().documents;
const save = { table: "notes", key: { id: "1" }, item: { text: "same", gone: undefined }, expected: 2 };
const found = { id: "1", text: "same", version: 3 };
const inbox: Part<never> = { role: "inbox", write: { Put: { TableName: "inbox", Item: {} } } };

/** Interprets a transaction in which only the save's condition failed, on `found`. */
function outcomeOf(parts: Part<never>[], failure: { found: Record<string, unknown>; ambiguous: boolean }) {
  const stored = new StoredItem(marshall(failure.found), client);
  const failures = parts.map(({ role }) => (role === "save" ? { found: stored } : undefined));
  return interpret({ aggregate: "note#1" }, 3, { parts, failures, ambiguous: failure.ambiguous });
}

describe("a commit without events that finds its very item in the table", () => {
  test("wrote it itself, if a try went unanswered", () => {
    expect(outcomeOf([savePart(save, true)], { found, ambiguous: true })).toEqual({ outcome: "committed", version: 3 });
  });

  test("was beaten to it by somebody who decided the same, if none did", () => {
    expect(() => outcomeOf([savePart(save, true)], { found, ambiguous: false })).toThrow(ConcurrencyConflictError);
  });

  test("was beaten to it, if it answers a message and that is not on record", () => {
    expect(() => outcomeOf([inbox, savePart(save, false)], { found, ambiguous: true })).toThrow(
      ConcurrencyConflictError,
    );
  });
});

describe("a commit without events that finds a newer item after an unanswered try", () => {
  const since = { ...found, text: "other", version: 4 };

  test("cannot tell whether it was the version in between", () => {
    expect(() => outcomeOf([savePart(save, true)], { found: since, ambiguous: true })).toThrow(
      CommitOutcomeUnknownError,
    );
  });

  test("conflicts, if its row or record would have shown its success", () => {
    expect(() => outcomeOf([savePart(save, false)], { found: since, ambiguous: true })).toThrow(
      ConcurrencyConflictError,
    );
  });
});

test("an item that differs is somebody else's, unanswered tries or not", () => {
  const other = { ...found, text: "other" };
  expect(() => outcomeOf([savePart(save, true)], { found: other, ambiguous: true })).toThrow(ConcurrencyConflictError);
});

describe("a commit whose item is as expected, and whose row is taken", () => {
  const event = (id: string) => ({ id, type: "Noted", json: "{}" });
  const rowOf = (id: string) => ({
    ...{ aggregate: "note#1", version: 3, events: [event(id)] },
    ...{ committedAt: "2026-01-01T00:00:00.000Z", expiresAt: 1 },
  });
  const parts = [outboxPart<never>("outbox", rowOf("ours")), savePart<never>(save, false)];
  const outcomeOfTaken = (taken: string, failure: { recreate?: boolean; ambiguous?: boolean }) => {
    const found = new StoredItem(marshall(rowOf(taken)), client);
    const commit = { aggregate: "note#1", save: { ...save, recreate: failure.recreate === true } };
    return interpret(commit, 3, { parts, failures: [{ found }, undefined], ambiguous: failure.ambiguous === true });
  };

  test.each([false, true])("was left behind by its outbox, unanswered tries (%s) or not", (ambiguous) => {
    expect(() => outcomeOfTaken("theirs", { ambiguous })).toThrow(OutboxAheadError);
  });

  test("was beaten to it between its read and its write, if it read which versions are taken", () => {
    expect(() => outcomeOfTaken("theirs", { recreate: true })).toThrow(ConcurrencyConflictError);
  });

  test("took place, if the row is its own: the item was deleted since", () => {
    expect(outcomeOfTaken("ours", { ambiguous: true })).toEqual({ outcome: "committed", version: 3 });
  });
});

test.each([
  ["version", { version: 7 }, "has a version of its own. Leave it out"],
  ["version, also that it was loaded with", { version: 2 }, "has a version of its own. Leave it out"],
  ["key", { id: "2" }, 'has the id "2", and its key has "1"'],
])("an item to save with another %s is refused: the commit would overwrite it without a word", (_, item, reason) => {
  const overwritten = { ...save, item: item as Record<string, unknown> & { version?: never } };
  expect(() => savePart(overwritten, false)).toThrow(reason);
});
