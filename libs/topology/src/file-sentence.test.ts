import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { fileSentence } from "./file-sentence.ts";

/** The error that the call throws. */
function thrownBy(call: () => void): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  throw new Error("The call throws nothing.");
}

test("a full disk is one sentence with the remedy", () => {
  expect(fileSentence(thrownBy(() => writeFileSync("/dev/full", "x")))).toBe(
    "The file system refuses write (ENOSPC): free some space, and run the command again.",
  );
});

test("a path through a file is one sentence that names it", () => {
  expect(fileSentence(thrownBy(() => writeFileSync("/dev/null/bundles", "x")))).toBe(
    "The file system refuses open of /dev/null/bundles (ENOTDIR): correct the path, and run the command again.",
  );
});

test("an error that may be a bug has no sentence", () => {
  expect(fileSentence(thrownBy(() => readFileSync("/no/such/file")))).toBeUndefined();
  expect(fileSentence(new TypeError("a bug"))).toBeUndefined();
});
