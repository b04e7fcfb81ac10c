import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { countsLine, takeCountsFile } from "./counts.ts";

test("a run by itself counts its own tests", () => {
  expect(countsLine({ passed: 3, failed: 0, skipped: 0 }, undefined)).toBe("3 passed, 0 failed\n");
  expect(countsLine({ passed: 3, failed: 1, skipped: 2 }, undefined)).toBe("3 passed, 1 failed, 2 skipped\n");
});

test("several runs of one CI add up, so that the last line counts all of them", () => {
  const folder = mkdtempSync(join(tmpdir(), "counts-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "counts");
  expect(countsLine({ passed: 1_000, failed: 0, skipped: 1 }, file)).toBe("1000 passed, 0 failed, 1 skipped\n");
  expect(countsLine({ passed: 70, failed: 2, skipped: 0 }, file)).toBe("1070 passed, 2 failed, 1 skipped\n");
});

test("a run that a test starts does not find the file", () => {
  const env: NodeJS.ProcessEnv = { COUNTS: "/counts", HOME: "/" };
  expect(takeCountsFile(env)).toBe("/counts");
  expect(env).toEqual({ HOME: "/" });
  expect(takeCountsFile({ COUNTS: "" })).toBeUndefined();
});
