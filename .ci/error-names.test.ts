import { expect, test } from "vitest";
import { sourceFiles, textOf } from "./source-files.ts";

/** Classes that extend an error, and whose own name does not end in `Error`. */
const misnamed = (text: string) =>
  [...text.matchAll(/\bclass (\w+)(?:<[^>]*>)? extends \w*Error\b/g)]
    .map(([, name = ""]) => name)
    .filter((name) => !name.endsWith("Error"));

test("the name of every error class ends in Error", () => {
  const files = sourceFiles().filter((file) => file !== ".ci/error-names.test.ts");
  expect(files.flatMap((file) => misnamed(textOf(file)).map((name) => `${file}: ${name}`))).toEqual([]);
});

test("another name is noticed", () => {
  expect(misnamed("class Lost extends Error {}\nexport class Late extends UsageError {}")).toEqual(["Lost", "Late"]);
  expect(misnamed("class LostError extends Error {}\nclass Lost extends Map {}")).toEqual([]);
});
