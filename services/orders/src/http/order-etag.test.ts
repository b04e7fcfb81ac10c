import { expect, test } from "vitest";
import { isKnown } from "./order-etag.ts";

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
])("If-None-Match: %s", (header, known) => expect(isKnown("ours", header)).toBe(known));
