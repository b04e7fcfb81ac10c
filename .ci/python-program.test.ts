import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";

const script = fileURLToPath(new URL("./python-program", import.meta.url));

test("a machine without Python gets one sentence", () => {
  const PATH = mkdtempSync(join(tmpdir(), "no-python-"));
  onTestFinished(() => rmSync(PATH, { recursive: true }));
  for (const program of ["bash", "dirname", "cmp", "id"]) {
    symlinkSync(execFileSync("which", [program], { encoding: "utf8" }).trim(), join(PATH, program));
  }
  const { status, stdout, stderr } = spawnSync("bash", [script, "absent"], { encoding: "utf8", env: { PATH } });
  expect([status, stdout]).toEqual([1, ""]);
  expect(stderr).toBe("absent could not be installed: it needs Python 3.10 or newer with venv, and PyPI.\n");
});
