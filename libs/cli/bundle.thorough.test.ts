import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import about from "./package.json" with { type: "json" };

const folder = fileURLToPath(new URL(".", import.meta.url));

test("the bundle of the command runs by itself, outside of the repository", () => {
  const elsewhere = mkdtempSync(join(tmpdir(), "doubleshot-"));
  onTestFinished(() => rmSync(elsewhere, { recursive: true }));
  execFileSync(process.execPath, ["build.ts"], { cwd: folder });
  const file = join(elsewhere, "doubleshot.mjs");
  copyFileSync(join(folder, "dist/doubleshot.mjs"), file);
  const run = (arg: string) => execFileSync(process.execPath, [file, arg], { cwd: elsewhere, encoding: "utf8" });
  expect(run("--version")).toBe(`${about.version}\n`);
  expect(run("--help")).toContain("deploy-relay");
});
