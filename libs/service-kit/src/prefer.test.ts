import { expect, test } from "vitest";
import { readPreferences } from "./prefer.ts";

test.each([
  [undefined, { respondAsync: false }],
  ["", { respondAsync: false }],
  ["wait=20", { wait: 20, respondAsync: false }],
  ['Wait = "7"', { wait: 7, respondAsync: false }],
  ["respond-async, wait=10", { wait: 10, respondAsync: true }],
  ["respond-async; why=hurry", { respondAsync: true }],
  ["wait=1, wait=2", { wait: 1, respondAsync: false }],
  ["wait=-1", { respondAsync: false }],
  ["wait=1e3", { respondAsync: false }],
  ["wait=99999999999999", { respondAsync: false }],
  ["wait", { respondAsync: false }],
  ["constructor, __proto__=1, wait=3", { wait: 3, respondAsync: false }],
  [",,;=,wait=3", { wait: 3, respondAsync: false }],
])("Prefer: %s", (header, preferences) => {
  expect(readPreferences(header)).toEqual(preferences);
});
