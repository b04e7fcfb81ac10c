import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { mutants } from "./mutant.ts";
import { checkApplies, patchedCopy } from "./patched-copy.ts";

const repository = join(import.meta.dirname, "../../../..");

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "patches-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const backoff = "libs/messaging/src/runtime/backoff.ts";

/** Replaces the first of a file's lines. */
async function patch(name: string, [first, second]: readonly string[]): Promise<string> {
  const path = join(folder, `${name}.patch`);
  const hunk = ["@@ -1,2 +1,2 @@", `-${first}`, "+// mutated", ` ${second}`, ""];
  await writeFile(path, [`--- a/${backoff}`, `+++ b/${backoff}`, ...hunk].join("\n"));
  return path;
}

const linesIn = async (root: string) => (await readFile(join(root, backoff), "utf8")).split("\n");

test("a copy has the patch, the repository has not, and the copy goes when it is disposed of", async () => {
  const before = await linesIn(repository);
  const copy = await patchedCopy(await patch("works", before));
  expect(await linesIn(copy.root)).toEqual(["// mutated", ...before.slice(1)]);
  expect(await linesIn(repository)).toEqual(before);
  await copy[Symbol.asyncDispose]();
  expect(existsSync(copy.root)).toBe(false);
});

test("a patch that no longer applies says so, and how it is refreshed", async () => {
  const stale = patchedCopy(await patch("stale", ["never", "there"]));
  await expect(stale).rejects.toThrow(/stale\.patch no longer applies:\n(.*\n)+Refresh it .*: git apply --3way/);
});

test.each(await mutants())(
  "$name applies to the sources as they are, and its tests exist",
  async ({ patch, mustFail }) => {
    await expect(checkApplies(patch)).resolves.toBeUndefined();
    expect(mustFail.suite).toSatisfy((suite) => suite === "simulation" || existsSync(join(repository, suite)));
  },
);
