import { randomUUID } from "node:crypto";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { type FaultProxy, startFaultProxy } from "@doubleshot/local-aws";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import {
  Noted,
  type NotesAws,
  noteCommit,
  noteCommitWithoutEvents,
  openNotesAws,
  outboxOn,
  tables,
} from "../../test/fixtures/notes-aws.fixture.ts";
import {
  CommitOutcomeUnknownError,
  ConcurrencyConflictError,
  defineEvent,
  InvalidEventDataError,
  UnguardedConditionError,
} from "../index.ts";

let notes: NotesAws;
let proxy: FaultProxy;

beforeAll(async () => {
  notes = await openNotesAws();
  proxy = await startFaultProxy(notes.aws.endpoints.dynamodb);
});
afterAll(async () => {
  await proxy?.close();
  await notes?.aws.close();
});
afterEach(() => proxy.inflict(() => "pass"));

/** A client behind the proxy. DynamoDB forgets idempotency tokens after ten minutes, an emulator when it restarts. */
function clientThroughProxy({ forgetsTokens }: { forgetsTokens: boolean }): DynamoDBDocumentClient {
  const { region, credentials } = notes.aws.clients.dynamodb.config;
  const client = new DynamoDBClient({ region, credentials, endpoint: proxy.url, maxAttempts: 1 });
  const documents = DynamoDBDocumentClient.from(client);
  if (forgetsTokens) {
    documents.middlewareStack.add(
      (next) => (args) => next({ ...args, input: { ...args.input, ClientRequestToken: randomUUID() } }),
      { step: "initialize" },
    );
  }
  return documents;
}

/** Cuts the answer to the first transaction, and counts the transactions. */
function cutFirstAnswer(): { readonly sent: number } {
  const seen = { sent: 0 };
  proxy.inflict(({ operation }) => {
    if (operation !== "TransactWriteItems") return "pass";
    seen.sent += 1;
    return seen.sent === 1 ? "cut" : "pass";
  });
  return seen;
}

describe("a commit", () => {
  test("writes the state and its events", async () => {
    const id = randomUUID();
    expect(await notes.outbox.commit(noteCommit(id, "milk"))).toEqual({ outcome: "committed", version: 1 });
    expect(await notes.note(id)).toEqual({ id, version: 1, text: "milk" });
    expect(await notes.outboxRow(`note#${id}`, 1)).toMatchObject({ version: 1, events: [{ type: "Noted" }] });
  });

  test("without events writes no row", async () => {
    const id = randomUUID();
    const silent = noteCommitWithoutEvents(id, "milk");
    await notes.outbox.commit(silent);
    expect(await notes.note(id)).toMatchObject({ version: 1 });
    expect(await notes.outboxRow(`note#${id}`, 1)).toBeUndefined();
  });

  test("on a version that has passed conflicts, and leaves nothing behind", async () => {
    const id = randomUUID();
    await notes.outbox.commit(noteCommit(id, "milk"));
    await notes.outbox.commit(noteCommit(id, "bread", 1));
    await expect(notes.outbox.commit(noteCommit(id, "late", 1))).rejects.toThrow(ConcurrencyConflictError);
    await expect(notes.outbox.commit(noteCommit(id, "new?", 0))).rejects.toThrow(ConcurrencyConflictError);
    expect(await notes.note(id)).toMatchObject({ version: 2, text: "bread" });
  });

  test("races others for a version, and one wins", async () => {
    const id = randomUUID();
    const race = await Promise.allSettled(
      Array.from({ length: 10 }, (_, n) => notes.outbox.commit(noteCommit(id, `${n}`))),
    );
    expect(race.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    for (const lost of race)
      if (lost.status === "rejected") expect(lost.reason).toBeInstanceOf(ConcurrencyConflictError);
  });

  test("is refused by the name of the guard that did not hold, with what was found there", async () => {
    const [id, taken] = [randomUUID(), randomUUID()];
    await notes.outbox.commit(noteCommit(taken, "mine"));
    const guard = {
      Put: {
        TableName: tables.notes,
        Item: { id: taken, text: "yours" },
        ConditionExpression: "attribute_not_exists(id)",
      },
    };
    const result = await notes.outbox.commit({ ...noteCommit(id, "milk"), guarded: { unique: guard } });
    expect(result).toEqual({ outcome: "refused", by: "unique", found: { id: taken, version: 1, text: "mine" } });
    expect(await notes.note(id)).toBeUndefined();
  });

  test("throws when a condition fails that nobody answers for", async () => {
    const failing = {
      ConditionCheck: { TableName: tables.notes, Key: { id: "none" }, ConditionExpression: "attribute_exists(id)" },
    };
    await expect(notes.outbox.commit({ ...noteCommit(randomUUID(), "milk"), writes: [failing] })).rejects.toThrow(
      UnguardedConditionError,
    );
  });
});

describe("a commit with wrong input", () => {
  test.each([
    ["an aggregate with a space", { aggregate: "note 1" }, "cannot be a message group"],
    ["an aggregate of 129 characters", { aggregate: "n".repeat(129) }, "cannot be a message group"],
    ["a version of 0", { save: { ...noteCommit("1", "").save, expected: -1 } }, "versions are whole numbers from 1"],
    ["a broken version", { save: { ...noteCommit("1", "").save, expected: 0.5 } }, "versions are whole numbers from 1"],
  ])("of %s is refused", async (_, changes, reason) => {
    await expect(notes.outbox.commit({ ...noteCommit("1", "milk"), ...changes })).rejects.toThrow(reason);
  });

  test("with data that does not match its schema writes nothing", async () => {
    const id = randomUUID();
    const wrong = { ...noteCommit(id, "milk"), events: [Noted({ text: 7 as unknown as string })] };
    await expect(notes.outbox.commit(wrong)).rejects.toThrow(InvalidEventDataError);
    expect(await notes.note(id)).toBeUndefined();
  });

  test("with data that JSON would change writes nothing, and names the place", async () => {
    const id = randomUUID();
    const Priced = defineEvent("Priced", {
      version: 1,
      schema: z.object({ items: z.array(z.object({ price: z.any() })) }),
    });
    const broken = { ...noteCommit(id, "milk"), events: [Priced({ items: [{ price: 1 }, { price: Number.NaN }] })] };
    await expect(notes.outbox.commit(broken)).rejects.toThrow(
      /Priced .*: data\.items\[1\]\.price: NaN cannot be sent as JSON/,
    );
    expect(await notes.note(id)).toBeUndefined();
    expect(await notes.outboxRow(`note#${id}`, 1)).toBeUndefined();
  });
});

describe("a commit whose answer is lost", () => {
  test("is re-issued under its token, and took place once", async () => {
    const id = randomUUID();
    const calls = cutFirstAnswer();
    const result = await outboxOn(clientThroughProxy({ forgetsTokens: false })).commit(noteCommit(id, "milk"));
    expect(result).toEqual({ outcome: "committed", version: 1 });
    expect(calls.sent).toBe(2);
    expect(await notes.note(id)).toMatchObject({ version: 1 });
  });

  test("knows its own row when the token has been forgotten", async () => {
    const id = randomUUID();
    const calls = cutFirstAnswer();
    const result = await outboxOn(clientThroughProxy({ forgetsTokens: true })).commit(noteCommit(id, "milk"));
    expect(result).toEqual({ outcome: "committed", version: 1 });
    expect(calls.sent).toBe(2);
  });

  test("knows its own row also when the aggregate has moved on since", async () => {
    const id = randomUUID();
    const seen = { sent: 0 };
    const outbox = outboxOn(clientThroughProxy({ forgetsTokens: true }));
    proxy.inflict(({ operation }) => (operation === "TransactWriteItems" && ++seen.sent <= 3 ? "cut" : "pass"));
    const committing = outbox.commit(noteCommit(id, "milk"));
    await expect.poll(() => notes.note(id), { interval: 1 }).toBeDefined();
    await notes.outbox.commit(noteCommit(id, "bread", 1));
    expect(await committing).toEqual({ outcome: "committed", version: 1 });
    expect(await notes.note(id)).toMatchObject({ version: 2, text: "bread" });
  });

  test("without events is recognised by its item", async () => {
    const id = randomUUID();
    cutFirstAnswer();
    const silent = noteCommitWithoutEvents(id, "milk");
    const result = await outboxOn(clientThroughProxy({ forgetsTokens: true })).commit(silent);
    expect(result).toEqual({ outcome: "committed", version: 1 });
  });

  test("conflicts when somebody else's commit stands there", async () => {
    const id = randomUUID();
    await notes.outbox.commit(noteCommit(id, "milk"));
    cutFirstAnswer();
    const late = outboxOn(clientThroughProxy({ forgetsTokens: true })).commit(noteCommit(id, "milk"));
    await expect(late).rejects.toThrow(ConcurrencyConflictError);
  });

  test("and that nothing of its own could tell apart is said to be unknown", async () => {
    const id = randomUUID();
    cutFirstAnswer();
    const put = { TableName: tables.notes, Item: { id }, ConditionExpression: "attribute_not_exists(id)" };
    const commit = outboxOn(clientThroughProxy({ forgetsTokens: true })).commit({ guarded: { unique: { Put: put } } });
    await expect(commit).rejects.toThrow(CommitOutcomeUnknownError);
  });
});

test("stored rows keep their shape", async () => {
  await notes.outbox.commit(noteCommit("snapshot", "☕ \u0007"));
  const row = await notes.outboxRow("note#snapshot", 1);
  expect(
    JSON.stringify(
      row,
      Object.keys(row ?? {})
        .sort()
        .concat("id", "type", "json"),
      2,
    ).replaceAll(varying, "<varies>"),
  ).toMatchSnapshot();
});

test("an edit of the item past the outbox does not break the lock", async () => {
  const id = randomUUID();
  await notes.outbox.commit(noteCommit(id, "milk"));
  const edit = {
    UpdateExpression: "SET #t = :t",
    ExpressionAttributeNames: { "#t": "text" },
    ExpressionAttributeValues: { ":t": "edited" },
  };
  await notes.documents.send(new UpdateCommand({ TableName: tables.notes, Key: { id }, ...edit }));
  expect(await notes.outbox.commit(noteCommit(id, "bread", 1))).toEqual({ outcome: "committed", version: 2 });
});

/** UUIDs, times and epoch seconds. */
const varying = /[0-9a-f]{8}-[0-9a-f-]{27}|\d{4}-\d\d-\d\dT[\d:.]+Z|\b\d{10}\b/g;
