import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openAlready, openShopServices, removeOpenShop } from "./open-shop-file.ts";

test.each([
  ["removes its own file", process.pid, false],
  ["leaves the file of another shop that is open here", process.ppid, true],
])("a process that closes %s", (_, pid, stays) => {
  const folder = mkdtempSync(join(tmpdir(), "doubleshot-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "open-shop.json");
  writeFileSync(file, JSON.stringify({ pid }));
  removeOpenShop(folder);
  expect(existsSync(file)).toBe(stays);
});

test("closing without a file does nothing", () => {
  const folder = mkdtempSync(join(tmpdir(), "doubleshot-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  expect(() => removeOpenShop(folder)).not.toThrow();
});

test.each(["null", "{", "[]", '{ "pid": "x" }', `{ "pid": ${process.pid}, "services": { "orders": "nonsense" } }`])(
  "a file that holds %s names no open shop",
  async (text) => {
    const folder = mkdtempSync(join(tmpdir(), "doubleshot-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, "open-shop.json"), text);
    expect(await openAlready(folder)).toBeUndefined();
    expect(openShopServices(folder)).toBeUndefined();
    expect(() => removeOpenShop(folder)).not.toThrow();
  },
);
