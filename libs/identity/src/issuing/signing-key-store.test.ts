import { FakeAws } from "@doubleshot/messaging/testing";
import { beforeEach, expect, test } from "vitest";
import { issueToken } from "./issue-token.ts";
import { publicKeysAt, signingKeyAt, stateAt } from "./signing-key.ts";
import { SigningKeyStore } from "./signing-key-store.ts";

const minute = 60_000;
const day = 24 * 60 * minute;
let store: SigningKeyStore;
beforeEach(() => {
  const aws = new FakeAws({ tables: { keys: { key: { partition: { name: "id", type: "S" } } } } });
  store = new SigningKeyStore(aws.clients().documents, "keys");
});

test("an empty table gets one key, which signs at once and stays", async () => {
  const [first, ...others] = await store.listOrCreate(0);
  expect([first?.signsFrom, others]).toEqual([0, []]);
  expect(await store.listOrCreate(day)).toEqual([first]);
});

test("processes that make the first key at once have one key, which no service refuses", async () => {
  const lists = await Promise.all([store.listOrCreate(0), store.listOrCreate(1), store.listOrCreate(2)]);
  const [key] = await store.list();
  expect(lists).toEqual([[key], [key], [key]]);
});

test("the first key can be revoked like any other, and another one signs", async () => {
  const [first] = await store.listOrCreate(0);
  await store.revoke(first?.id ?? "", 0);
  const [second, ...others] = await store.listOrCreate(0);
  expect(others).toEqual([]);
  expect(second?.id).not.toBe(first?.id);
});

test("a rotation announces a key ten minutes before it signs, and deletes what is retired", async () => {
  const [first] = await store.listOrCreate(0);
  const { added } = await store.rotate(0);
  const keys = await store.list();
  expect(signingKeyAt(keys, 10 * minute - 1)).toEqual(first);
  expect(signingKeyAt(keys, 10 * minute)).toEqual(added);
  expect(publicKeysAt(keys, 0).keys.map(({ kid }) => kid)).toEqual([first?.id, added.id]);
  const next = await store.rotate(2 * day);
  expect(next.deleted).toEqual([first?.id]);
  expect((await store.list()).map(({ id }) => id)).toEqual([added.id, next.added.id]);
});

test("a rotation at once signs with the new key from now on", async () => {
  await store.listOrCreate(0);
  const { added } = await store.rotate(minute, { atOnce: true });
  expect(signingKeyAt(await store.list(), minute)).toEqual(added);
});

test("the first rotation of an empty table signs at once, because no token would have a key", async () => {
  const { added } = await store.rotate(minute);
  expect(stateAt(added, await store.list(), minute)).toBe("signing");
});

test("a revoked key is gone, and another one signs", async () => {
  const [first] = await store.listOrCreate(0);
  expect(await store.revoke(first?.id ?? "", minute)).toBe("revoked");
  const keys = await store.list();
  expect(keys.map(({ id }) => id)).not.toContain(first?.id);
  expect(signingKeyAt(keys, minute)).toMatchObject({ signsFrom: minute });
  expect(await store.revoke(first?.id ?? "", minute)).toBe("unknown");
});

test("a key from the table signs as the one that was written", async () => {
  const [key] = await store.listOrCreate(0);
  if (key === undefined) throw new Error("There is no key.");
  const claims = { subject: "s", roles: [], issuer: "i", audience: "a", issuedAt: 0, lifetimeSeconds: 60 };
  expect((await issueToken(key, claims)).split(".")).toHaveLength(3);
});
