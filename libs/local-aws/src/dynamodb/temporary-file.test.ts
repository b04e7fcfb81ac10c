import { existsSync, mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { newFolder } from "../processes.fixture.ts";
import { startBareDynoxide } from "../quirks/dynoxide.fixture.ts";
import { temporaryFile } from "./temporary-file.ts";

const hourAgo = () => new Date(Date.now() - 3_600_000);

test("the file of a host that was killed is removed at the next start", async () => {
  const parent = newFolder();
  const killed = temporaryFile(parent);
  const { dynoxide } = await startBareDynoxide(killed.file);
  process.kill(dynoxide.pid, "SIGKILL");
  await dynoxide.crashed;
  utimesSync(killed.file, hourAgo(), hourAgo());
  const { file } = temporaryFile(parent);
  expect(existsSync(dirname(killed.file))).toBe(false);
  expect(existsSync(dirname(file))).toBe(true);
});

test("the file of a host that lives stays and can be used", async () => {
  const parent = newFolder();
  const { file } = temporaryFile(parent);
  const { put, get } = await startBareDynoxide(file);
  await put({ id: "before" });
  utimesSync(file, hourAgo(), hourAgo());
  temporaryFile(parent);
  expect(existsSync(file)).toBe(true);
  await put({ id: "after" });
  expect(await get("before")).toEqual({ id: "before" });
});

test("a file that was just made, and folders of others, stay", () => {
  const parent = newFolder();
  const { file } = temporaryFile(parent);
  writeFileSync(file, "");
  const other = join(parent, "doubleshot-dynamodb-notes");
  mkdirSync(other);
  temporaryFile(parent);
  expect(existsSync(file)).toBe(true);
  expect(existsSync(other)).toBe(true);
});
