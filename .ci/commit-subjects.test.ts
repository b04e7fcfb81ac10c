import { expect, test } from "vitest";
import { git } from "./source-files.ts";

/** Commits up to this one were made before there was a limit. */
const before = "4fea7cef79e2330cf46319a6d3f35f378f5ccbd6";
const maxLength = 72;

const tooLong = (subjects: readonly string[]) => subjects.filter((subject) => subject.length > maxLength);

/** A shallow clone may not have the commit before the limit: then the newest commit alone is read. */
function newSubjects(): string[] {
  const isKnown = git("rev-list", "--max-count=1", "--ignore-missing", before).length > 0;
  const range = isKnown ? [`${before}..HEAD`] : ["--max-count=1", "HEAD"];
  return git("log", "--no-merges", "--format=%s", ...range);
}

test("a commit's subject has at most 72 characters", () => {
  expect(tooLong(newSubjects())).toEqual([]);
});

test("a longer one is noticed", () => {
  expect(tooLong(["x".repeat(72), "y".repeat(73)])).toEqual(["y".repeat(73)]);
});
