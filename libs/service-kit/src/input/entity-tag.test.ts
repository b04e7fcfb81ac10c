import { expect, test } from "vitest";
import { entityTag, matchesEntityTag } from "./entity-tag.ts";

test.each([
  ['"ours"', true],
  ['W/"ours"', true],
  ['"theirs", "ours"', true],
  ['"theirs",W/"ours"', true],
  ["*", true],
  ['"theirs"', false],
  ["ours", false],
  ["", false],
  [undefined, false],
])("If-None-Match: %s", (header, matches) => expect(matchesEntityTag("ours", header)).toBe(matches));

test("equal JSON has one tag, and any difference another one", () => {
  expect(entityTag({ id: 1 })).toBe(entityTag({ id: 1 }));
  expect(entityTag({ id: 1 })).not.toBe(entityTag({ id: 2 }));
  expect(entityTag({ id: 1 })).toMatch(/^[\w-]{22}$/);
});
