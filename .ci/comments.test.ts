import { expect, test } from "vitest";
import { opensWithRelative, type Sentence, sentencesOf, testNamesOf } from "./comments.ts";
import { sourceFiles, textOf } from "./source-files.ts";

type Placed = Sentence & { readonly file: string };

/** The places that open with a relative clause. */
const relativeOpeners = (sentences: readonly Placed[]): string[] =>
  sentences.filter(opensWithRelative).map(({ file, line, text }) => `${file}:${line} ${text.slice(0, 60)}`);

test("comment sentences have a noun as their subject", () => {
  const sentences = sourceFiles().flatMap((file) => sentencesOf(textOf(file)).map((each) => ({ file, ...each })));
  expect(sentences.length).toBeGreaterThan(1_000);
  expect(relativeOpeners(sentences)).toEqual([]);
});

test("test names have a noun as their subject, or continue the name of their group", () => {
  const names = sourceFiles().flatMap((file) => {
    const text = textOf(file);
    return text.includes('from "vitest"') ? testNamesOf(text).map((each) => ({ file, ...each })) : [];
  });
  expect(names.length).toBeGreaterThan(1_000);
  expect(relativeOpeners(names)).toEqual([]);
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

test("names are found in every kind of test", () => {
  // Other quotes than those of a test, so that these lines are no names of this file.
  const [open, relative] = ['("', "who asks"];
  const source = [
    `test${open}a plain name", () => {});`,
    `describe.concurrent${open}${relative} is a group", () => {});`,
    `test.each<[string, number]>([`,
    `  ["a", 1],`,
    `])${open}a name with %s", (text) => {});`,
    `  test.skipIf(old)(`,
    "    `a template`,",
    "    async () => {},",
  ].join("\n");
  expect(testNamesOf(source).map(({ line, text }) => [line, text])).toEqual([
    [1, "a plain name"],
    [2, "who asks is a group"],
    [5, "a name with %s"],
    [6, "a template"],
  ]);
  expect(
    testNamesOf(source)
      .filter(opensWithRelative)
      .map(({ line }) => line),
  ).toEqual([2]);
});
