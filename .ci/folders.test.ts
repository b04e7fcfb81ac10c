import { dirname } from "node:path";
import { expect, test } from "vitest";
import { trackedFiles } from "./source-files.ts";

/** A reader takes in about this many file names at a glance, tests and styles included. */
const maxFiles = 25;

/** The folders with more files, each with its number. */
function crowded(files: readonly string[]): string[] {
  const byFolder = Map.groupBy(files, (file) => dirname(file));
  return [...byFolder]
    .filter(([, inFolder]) => inFolder.length > maxFiles)
    .map(([folder, inFolder]) => `${folder}: ${inFolder.length} files`);
}

test(`a folder holds at most ${maxFiles} files`, () => {
  expect(crowded(trackedFiles())).toEqual([]);
});

test("one file more is noticed", () => {
  const files = Array.from({ length: maxFiles + 1 }, (_, n) => `libs/crowd/src/${n}.ts`);
  expect(crowded(files.slice(1))).toEqual([]);
  expect(crowded(files)).toEqual(["libs/crowd/src: 26 files"]);
});
