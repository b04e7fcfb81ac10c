import { expect, test } from "vitest";
import { matches } from "./event-filter.ts";

const record = {
  eventName: "INSERT",
  dynamodb: { Keys: { id: { S: "order#1" } }, NewImage: { tags: { SS: ["hot", "cold"] } }, SizeBytes: 26 },
};

test.each([
  ["a value of the list", { eventName: ["INSERT", "MODIFY"] }],
  ["all keys", { eventName: ["INSERT"], dynamodb: { Keys: { id: { S: ["order#1"] } } } }],
  ["a prefix", { dynamodb: { Keys: { id: { S: [{ prefix: "order#" }] } } } }],
  ["a suffix", { dynamodb: { Keys: { id: { S: [{ suffix: "#1" }] } } } }],
  ["one entry of a list in the record", { dynamodb: { NewImage: { tags: { SS: ["cold"] } } } }],
  ["a number in a range", { dynamodb: { SizeBytes: [{ numeric: [">", 20, "<=", 26] }] } }],
  ["something else", { eventName: [{ "anything-but": ["REMOVE"] }] }],
  ["something without a prefix", { eventName: [{ "anything-but": { prefix: "RE" } }] }],
  ["any case", { eventName: [{ "equals-ignore-case": "insert" }] }],
  ["presence", { dynamodb: { NewImage: { tags: { SS: [{ exists: true }] } } } }],
  ["absence", { dynamodb: { OldImage: { tags: { SS: [{ exists: false }] } } } }],
  ["one of several patterns", { $or: [{ eventName: ["REMOVE"] }, { dynamodb: { SizeBytes: [26] } }] }],
  ["nothing at all", {}],
])("lets through what matches %s", (_, pattern) => {
  expect(matches(pattern, record)).toBe(true);
});

test.each([
  ["another value", { eventName: ["REMOVE"] }],
  ["only one of two keys", { eventName: ["INSERT"], dynamodb: { Keys: { id: { S: ["order#2"] } } } }],
  ["a value of another type", { dynamodb: { SizeBytes: ["26"] } }],
  ["a missing value", { dynamodb: { OldImage: { id: { S: [{ "anything-but": "x" }] } } } }],
  ["a number out of range", { dynamodb: { SizeBytes: [{ numeric: [">", 26] }] } }],
  ["presence where there is none", { userIdentity: { type: [{ exists: true }] } }],
])("drops what has %s", (_, pattern) => {
  expect(matches(pattern, record)).toBe(false);
});

test("a comparison it does not know is an error, not a silent drop", () => {
  expect(() => matches({ eventName: [{ wildcard: "INS*" }] }, record)).toThrow('unknown comparison "wildcard"');
});
