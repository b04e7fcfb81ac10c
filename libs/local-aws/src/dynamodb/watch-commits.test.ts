import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { newFolder } from "../processes.fixture.ts";
import { startBareDynoxide } from "../quirks/dynoxide.fixture.ts";
import { watchCommits } from "./watch-commits.ts";

test("each write to dynoxide is reported", async () => {
  const file = join(newFolder(), "rows.db");
  const { put } = await startBareDynoxide(file);
  let commits = 0;
  const watching = watchCommits(file, () => {
    commits += 1;
  });
  onTestFinished(() => watching.stop());
  for (const id of ["one", "two"]) {
    const before = commits;
    await put({ id });
    await expect.poll(() => commits).toBeGreaterThan(before);
  }
});

test("a file without a log is watched in vain", () => {
  watchCommits(join(newFolder(), "nowhere.db"), () => undefined).stop();
});
