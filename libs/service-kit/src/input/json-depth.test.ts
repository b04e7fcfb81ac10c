import { expect, test } from "vitest";
import { deeperThan } from "./json-depth.ts";

const nested = (levels: number) => JSON.parse("[".repeat(levels) + "]".repeat(levels));

test.each([
  [0, 1, false],
  [1, [1], false],
  [0, [1], true],
  [2, { a: [1] }, false],
  [1, { a: [1] }, true],
  [1, [null, "[[[", {}], false],
])("deeper than %i: %j is %s", (levels, value, deeper) => {
  expect(deeperThan(levels, value)).toBe(deeper);
});

test("500,000 nested brackets are measured without overflowing the stack", () => {
  expect(deeperThan(20, nested(500_000))).toBe(true);
});
