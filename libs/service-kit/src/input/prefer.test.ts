import { expect, test } from "vitest";
import { readPreferences } from "./prefer.ts";

test.for([
  [undefined, { respondAsync: false }],
  ["", { respondAsync: false }],
  ["wait=20", { wait: 20, respondAsync: false }],
  ["respond-async", { respondAsync: true }],
  ["respond-async, wait=10", { wait: 10, respondAsync: true }],
  ['Wait="7" , RESPOND-ASYNC; reason="soon"', { wait: 7, respondAsync: true }],
  ["wait=1, wait=2", { wait: 1, respondAsync: false }],
  ["handling=lenient; wait=3, return=minimal", { respondAsync: false }],
  ["wait, respond-async=", { respondAsync: true }],
  ["wait=-1", { respondAsync: false }],
  ["wait=1e3", { respondAsync: false }],
  ["wait=99999999999999", { respondAsync: false }],
  ["constructor, __proto__=1, wait=3", { wait: 3, respondAsync: false }],
  [",,;=,wait=3", { wait: 3, respondAsync: false }],
  ["wait=soon,respond-async;now", { respondAsync: true }],
  ['note="a, wait=5, respond-async", wait=6', { wait: 6, respondAsync: false }],
  ['note="a; b", wait=6', { wait: 6, respondAsync: false }],
  [String.raw`note="she said \"wait=5, now\"", wait=6`, { wait: 6, respondAsync: false }],
  [String.raw`wait="\2\0"`, { wait: 20, respondAsync: false }],
  ['wait=6; note="of, two", respond-async', { wait: 6, respondAsync: true }],
  ['note="it never ends, wait=6', { respondAsync: false }],
  ['wait="6"7, wait=8', { wait: 8, respondAsync: false }],
  [", ,wait = 6 ,", { wait: 6, respondAsync: false }],
  [`note=${"x".repeat(4_090)}, wait=6`, { respondAsync: false }],
] as const)("%j is read as RFC 7240 has it", ([header, preferences]) => {
  expect(readPreferences(header)).toEqual(preferences);
});
