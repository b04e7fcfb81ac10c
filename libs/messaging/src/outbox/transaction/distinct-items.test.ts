import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { delivery } from "../../../test/fixtures/delivery.fixture.ts";
import {
  Noted,
  type NotesAws,
  noteCommit,
  openNotesAws,
  outboxOn,
  tables,
} from "../../../test/fixtures/notes-aws.fixture.ts";
import { scriptedTable } from "../../../test/fixtures/scripted-table.fixture.ts";
import { on, SameItemTwiceError, subscriber } from "../../index.ts";
import type { Write } from "../commit.ts";
import { checkDistinct } from "./distinct-items.ts";

let notes: NotesAws;
beforeAll(async () => {
  notes = await openNotesAws();
});
afterAll(() => notes?.aws.close());

const put = (id: string, text = ""): Write => ({ Put: { TableName: tables.notes, Item: { id, text } } });
const update = (id: string): Write => ({
  Update: { TableName: tables.notes, Key: { id }, UpdateExpression: "SET a = :a" },
});
const check = (id: string): Write => ({
  ConditionCheck: { TableName: tables.notes, Key: { id }, ConditionExpression: "attribute_exists(id)" },
});

test.each<[string, Write[], string]>([
  ["an update beside the save", [update("1")], "Put and Update"],
  ["a check beside the save", [check("1")], "Put and ConditionCheck"],
  ["a put beside the save", [put("1")], "Put and Put"],
  ["two updates of another item", [update("2"), update("2")], "Update and Update"],
  ["a put and an update of another item", [put("2"), update("2")], "Put and Update"],
])("%s are refused before the call", async (_, writes, operations) => {
  const { client, tokens } = scriptedTable(["written"]);
  const refusal = outboxOn(client).commit({ ...noteCommit("1", "milk"), writes });
  await expect(refusal).rejects.toThrow(SameItemTwiceError);
  await expect(refusal).rejects.toThrow(
    new RegExp(`The commit has ${operations} on the item {"id":"."} of ${tables.notes}:`),
  );
  expect(tokens).toHaveLength(0);
});

test("a guarded write counts like any other", async () => {
  const { client } = scriptedTable(["written"]);
  const commit = outboxOn(client).commit({ ...noteCommit("1", "milk"), guarded: { exists: check("1") } });
  await expect(commit).rejects.toThrow("Put and ConditionCheck");
});

test("a handler's own write of its inbox row is refused too", async () => {
  const { envelope, ...one } = delivery();
  const forged = { Put: { TableName: tables.inbox, Item: { message: `readers#${envelope.id}` } } };
  const sub = subscriber("readers", notes.outbox, [on(Noted, (m) => m.commit({ writes: [forged] }))]);
  await expect(sub.handle(one)).rejects.toThrow(`{"message":"readers#${envelope.id}"} of ${tables.inbox}`);
});

test("where nothing tells the key, DynamoDB does, under the same name and with nothing written", async () => {
  const id = randomUUID();
  const commit = notes.outbox.commit({ writes: [put(id, "one"), put(id, "two")] });
  await expect(commit).rejects.toThrow(SameItemTwiceError);
  expect(await notes.note(id)).toBeUndefined();
});

test("items that differ in any part of their key, or their table, are two", () => {
  const at = (TableName: string, Key: Record<string, unknown>): Write => ({ Delete: { TableName, Key } });
  const writes = [
    at("t", { a: "1", b: 1 }),
    at("t", { a: "1", b: 2 }),
    at("t", { a: "1", b: "1" }),
    at("u", { a: "1", b: 1 }),
  ];
  expect(() => checkDistinct(writes, new Map())).not.toThrow();
  expect(() => checkDistinct([...writes, at("t", { b: 1, a: "1" })], new Map())).toThrow(SameItemTwiceError);
  expect(() => checkDistinct([...writes, at("t", { a: "1", b: 2n })], new Map())).toThrow(SameItemTwiceError);
  const binary = (...bytes: number[]) => at("t", { a: Uint8Array.from(bytes) });
  expect(() => checkDistinct([binary(1, 2), binary(1, 3)], new Map())).not.toThrow();
  expect(() => checkDistinct([binary(1, 2), binary(1, 2)], new Map())).toThrow(SameItemTwiceError);
});
