import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { writeWhole } from "./write-whole.ts";

test("a reader during writes finds one of the files, whole, and no other file is left", async () => {
  const folder = await mkdtemp(join(tmpdir(), "doubleshot-whole-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, "bundle.mjs");
  const contents = ["a", "b", "c"].map((letter) => letter.repeat(5_000_000));
  await writeWhole([{ path, contents: contents[0] ?? "" }]);
  const writing = Promise.all(contents.map((text) => writeWhole([{ path, contents: text }])));
  let isOver = false;
  void writing.then(() => {
    isOver = true;
  });
  do {
    const read = await readFile(path, "utf8");
    expect(contents.includes(read), `${read.length} characters`).toBe(true);
  } while (!isOver);
  expect(await readdir(folder)).toEqual(["bundle.mjs"]);
});
