import { expect, test } from "vitest";
import { opensWithRelative, sentencesOf } from "./comments.ts";
import { sourceFiles, textOf } from "./source-files.ts";

/** For 1,000 sentences: it may fall and not rise. */
const maxPerThousand = 4;

test("comment sentences have a noun as their subject", () => {
  const sentences = sourceFiles().flatMap((file) => sentencesOf(textOf(file)).map((each) => ({ file, ...each })));
  expect(sentences.length).toBeGreaterThan(1_000);
  const relative = sentences.filter(opensWithRelative);
  const places = relative.map(({ file, line, text }) => `${file}:${line} ${text.slice(0, 60)}`);
  const allowed = Math.floor((sentences.length * maxPerThousand) / 1_000);
  expect(places.length <= allowed ? [] : places, `at most ${allowed} of ${sentences.length}`).toEqual([]);
});

test("sentences are found in every kind of comment", () => {
  // The words stand in no comment here, so that this file is counted like any other.
  const [who, what] = ["Who", "What"];
  const source = `
/** ${who} comes late waits. The process reads it. */
const a = 47; // not alone on its line
  // ${what} follows is read
  // later. ${who}ever reads it?
/*
 * A list:
 * - an item
 * - ${what} is left
 */`;
  const sentences = sentencesOf(source);
  expect(sentences.map(({ text }) => text.replace(/\s+/g, " "))).toEqual([
    `${who} comes late waits.`,
    "The process reads it.",
    `${what} follows is read later.`,
    `${who}ever reads it?`,
    "A list:",
    "an item",
    `${what} is left`,
  ]);
  expect(sentences.filter(opensWithRelative).map(({ line }) => line)).toEqual([2, 4, 9]);
});
