import { expect, test } from "vitest";
import { rushEnding } from "./rush-ending.ts";

test.each([
  [0, "perfect"],
  [1, "failed"],
  [2, "failed"],
  [130, "stopped"],
  [undefined, "stopped"],
] as const)("a rush with exit code %s is %s", (exitCode, ending) => {
  expect(rushEnding(exitCode)).toBe(ending);
});
