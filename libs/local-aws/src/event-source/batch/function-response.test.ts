import { expect, test } from "vitest";
import { firstFailure } from "./function-response.ts";

const records = ["10", "11", "12"].map((SequenceNumber) => ({ dynamodb: { SequenceNumber } }));
const failures = (...itemIdentifiers: unknown[]) => ({
  batchItemFailures: itemIdentifiers.map((itemIdentifier) => ({ itemIdentifier })),
});

test.each([
  ["null", null],
  ["undefined", undefined],
  ["an empty object", {}],
  ["an empty list", { batchItemFailures: [] }],
  ["a null list", { batchItemFailures: null }],
])("%s means that all went well", (_, response) => {
  expect(firstFailure(response, records)).toBe(-1);
});

test("the lowest sequence number counts, in any order of the report", () => {
  expect(firstFailure(failures("12", "11"), records)).toBe(1);
  expect(firstFailure(failures("12"), records)).toBe(2);
});

test.each([
  ["an empty identifier", failures("12", "")],
  ["a null identifier", failures(null)],
  ["a misnamed identifier", { batchItemFailures: [{ id: "12" }] }],
  ["an identifier that is not in the batch", failures("99")],
  ["a number for an identifier", failures(12)],
  ["a failure that is no object", { batchItemFailures: ["12"] }],
  ["a list that is none", { batchItemFailures: "12" }],
  ["an answer that is no object", "OK"],
])("%s fails the whole batch", (_, response) => {
  expect(firstFailure(response, records)).toBe(0);
});
