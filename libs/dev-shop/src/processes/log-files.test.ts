import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { LogFiles } from "./log-files.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "doubleshot-logs-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
});

const maxBytes = 1_000;
const line = "x".repeat(99);

function bytesAfter(lines: number): number {
  const logs = new LogFiles(folder, { maxBytes });
  for (let count = 0; count < lines; count++) logs.write("orders", line);
  logs.close();
  return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}

test("a process that logs for ever takes a bounded part of the disk, without a restart", () => {
  expect(bytesAfter(15)).toBe(1_500);
  expect(bytesAfter(1_000)).toBeLessThanOrEqual(2 * maxBytes);
});

test("the newest lines are kept, in two files", () => {
  const logs = new LogFiles(folder, { maxBytes });
  for (let count = 1; count <= 250; count++) logs.write("orders", `${count}`.padStart(99, "0"));
  logs.close();
  const read = (name: string) => readFileSync(join(folder, name), "utf8").trim().split("\n").map(Number);
  expect([...read("orders.old.log"), ...read("orders.log")]).toEqual(Array.from({ length: 20 }, (_, i) => 231 + i));
});

test("a log is appended to from one run to the next", () => {
  for (const text of ["first", "second"]) {
    const logs = new LogFiles(folder, { maxBytes });
    logs.write("orders", text);
    logs.close();
  }
  expect(readFileSync(join(folder, "orders.log"), "utf8")).toBe("first\nsecond\n");
});

test("a write after the folder is removed loses the line and does not throw", () => {
  const logs = new LogFiles(folder, { maxBytes });
  rmSync(folder, { recursive: true });
  logs.write("orders", "lost");
  logs.close();
  expect(existsSync(folder)).toBe(false);
});
