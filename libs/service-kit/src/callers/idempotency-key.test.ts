import { expect, test } from "vitest";
import { keyHeaderPattern, keyOf } from "./idempotency-key.ts";

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
