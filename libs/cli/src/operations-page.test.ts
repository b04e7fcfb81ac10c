import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { commands } from "./commands.ts";

const page = readFileSync(new URL("../../../docs/operations.md", import.meta.url), "utf8");
const typed = [...page.matchAll(/npm run doubleshot -- ([^`\n]+)/g)].map(([, line = ""]) => line.trim().split(/\s+/));

test("every verb is on the page", () => {
  expect([...new Set(typed.map(([verb]) => verb))].toSorted()).toEqual(Object.keys(commands).toSorted());
});

test.each(typed)("doubleshot %s %s is a command as it stands there", (verb = "", ...args) => {
  expect(commands[verb]?.prepare(args)).toBeTypeOf("function");
});

test("the npm scripts of the page are there", () => {
  const { scripts } = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8"));
  const named = [...page.matchAll(/npm run ([\w:]+)/g)].map(([, script = ""]) => script);
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter((script) => !(script in scripts))).toEqual([]);
});

test.each([
  "First deploy",
  "Upgrading without losing a waiter",
  "Rolling back",
  "The relay was down for 30 hours",
  "A poison message",
  "A hot partition",
  "A region is lost",
  "Restoring a table",
  "Rotating keys",
  "Changing an event's schema",
])("the runbook has a way out of: %s", (situation) => {
  expect(page.slice(page.indexOf("# Runbook"))).toContain(`\n## ${situation}\n`);
});
