import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { StartRefusedError } from "../start-refused.ts";
import { findDynoxide } from "./find-dynoxide.ts";

const none = () => undefined;

test("the packaged binary comes first, then the first dynoxide on PATH that can be run", () => {
  const folder = mkdtempSync(join(tmpdir(), "dynoxide-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const onPath = join(folder, "dynoxide");
  writeFileSync(onPath, "", { mode: 0o755 });
  const PATH = ["", "/nowhere", folder].join(delimiter);
  expect(findDynoxide({ PATH }, () => process.execPath)).toBe(process.execPath);
  expect(findDynoxide({ PATH }, none)).toBe(onPath);
  expect(findDynoxide({ PATH }, () => "/nowhere/dynoxide")).toBe(onPath);
});

test("without any, the refusal says what to do", () => {
  expect(() => findDynoxide({ PATH: "/nowhere" }, none)).toThrow(StartRefusedError);
  expect(() => findDynoxide({ PATH: "/nowhere" }, none)).toThrow(
    /: run (npm ci|cargo install).*AWS_ENDPOINT_URL_DYNAMODB/,
  );
});

test("DYNOXIDE is taken at its word", () => {
  expect(findDynoxide({ DYNOXIDE: process.execPath }, none)).toBe(process.execPath);
  expect(() => findDynoxide({ DYNOXIDE: "/nowhere/dynoxide" }, () => process.execPath)).toThrow(
    "DYNOXIDE is /nowhere/dynoxide, which cannot be run",
  );
});
