import type { Request } from "express";
import { expect, test } from "vitest";
import { setIdentity } from "../access/identity.ts";
import { idempotencyKeyOf, keyHeaderPattern, keyOf, requestKeyOf } from "./idempotency-key.ts";

const longest = "k".repeat(255);

test.each([
  ["plain", "plain"],
  ['"quoted"', "quoted"],
  [" spaced around ".trim(), undefined],
  [longest, longest],
  [`"${longest}"`, longest],
  [`${longest}k`, undefined],
  [`"${longest}k"`, undefined],
  ['"half quoted', undefined],
  ['"', undefined],
  ['in"side', 'in"side'],
  ["", undefined],
  ['""', undefined],
  ["two, keys", undefined],
  ["Ærøskøbing", undefined],
  ["tab\tbed", undefined],
])("the header %j holds the key %j", (header, key) => {
  expect(keyHeaderPattern.test(header) ? keyOf(header) : undefined).toBe(key);
});

/** The key in the table of requests, of a caller with a token. */
function storedKey(subject: string, header: string): string | undefined {
  const request = {} as Request;
  setIdentity(request, { subject, reach: "own" });
  const key = idempotencyKeyOf(request, header);
  return key && requestKeyOf(key);
}

test("with a token the key belongs to its subject, whatever the address", () => {
  expect(storedKey("01a1fc6f-67fa-72ac-a3ff-00000000dead", "k-1")).toBe(
    'subject:"01a1fc6f-67fa-72ac-a3ff-00000000dead"#k-1',
  );
});

test("with a token a random UUID belongs to its subject alone", () => {
  const key = "0b9b8ad2-4f0e-4f1c-8f0e-2f1d8f4c7a11";
  expect(storedKey("ada", key)).toBe(`subject:"ada"#${key}`);
});

test("a subject and its key are not confused with another subject and key", () => {
  const pairs = [
    ["a", "b#c"],
    ["a#b", "c"],
    ['a"#b', "c"],
    ["a", '"#b#c'],
    ['a"', "#b#c"],
  ] as const;
  expect(new Set(pairs.map(([subject, key]) => storedKey(subject, key))).size).toBe(pairs.length);
});

test("the longest subject and the longest key fit into the key of a table", () => {
  // DynamoDB takes 2,048 bytes, and a token's subject has at most 200 UTF-16 units.
  for (const unit of ["\u0000", "\ud800", "☕", '"']) {
    expect(Buffer.byteLength(storedKey(unit.repeat(200), longest) ?? "")).toBeLessThan(2_048);
  }
});
