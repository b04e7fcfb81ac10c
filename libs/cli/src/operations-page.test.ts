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
