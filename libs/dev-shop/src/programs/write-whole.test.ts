import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { writeWhole } from "./write-whole.ts";

test("whoever reads while others write meets one of their files, whole, and nothing else is left", async () => {
  const folder = await mkdtemp(join(tmpdir(), "doubleshot-whole-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, "bundle.mjs");
  const contents = ["a", "b", "c"].map((letter) => letter.repeat(5_000_000));
  await writeWhole([{ path, contents: contents[0] ?? "" }]);
  const writing = Promise.all(contents.map((text) => writeWhole([{ path, contents: text }])));
  let over = false;
  void writing.then(() => {
    over = true;
  });
  do {
    const read = await readFile(path, "utf8");
    expect(contents.includes(read), `${read.length} characters`).toBe(true);
  } while (!over);
  expect(await readdir(folder)).toEqual(["bundle.mjs"]);
});
