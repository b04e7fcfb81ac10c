import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { assertJson } from "./json-value.ts";

const cycle: Record<string, unknown> = {};
cycle.self = { again: cycle };
const once = { a: 1 };

test.each([
  [undefined],
  [null],
  [0],
  ["☕"],
  [[]],
  [{ a: [1, { b: null }], "": "", c: Object.create(null) }],
  [[once, once]],
  [runInNewContext("({ made: [1] })")],
])("%j is JSON", (value) => {
  expect(() => assertJson(value)).not.toThrow();
});

test.each([
  ["NaN", { made: [1, Number.NaN] }, /at \/made\/1 is NaN/],
  ["Infinity", Number.POSITIVE_INFINITY, /result is Infinity/],
  ["minus zero", [-0], /at \/0 is -0/],
  ["a function", () => 1, /is a function/],
  ["a symbol", [Symbol("a")], /is a symbol/],
  ["a symbol for a name", { [Symbol("a")]: 1 }, /symbols/],
  ["a bigint", { n: 1n }, /at \/n is a bigint/],
  ["a Map", { made: new Map([["a", 1]]) }, /at \/made is an instance of Map/],
  ["a Date", new Date(0), /instance of Date/],
  ["a Buffer", Buffer.from("x"), /instance of Buffer/],
  ["an object of a class", new (class Thumbnail {})(), /instance of Thumbnail/],
  ["what speaks for itself", { toJSON: () => 1 }, /instance of Object/],
  ["undefined inside", { a: { b: undefined } }, /at \/a\/b is undefined/],
  // biome-ignore lint/suspicious/noSparseArray: a hole is what is tested.
  ["a hole", [1, , 2], /at \/1 is undefined/],
  ["an array with more than elements", Object.assign([1], { more: 2 }), /instance of Array/],
  ["a cycle", cycle, /at \/self\/again is a cycle/],
  ["half an emoji", "\ud83d", /surrogate/],
])("%s is none, and the message says where", (_, value, message) => {
  expect(() => assertJson(value)).toThrow(message);
});
