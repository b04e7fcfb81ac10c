import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import { describe, expect, test } from "vitest";
import { checkReferences, holds, projected, updated } from "./expressions.ts";

const item = { id: "1", n: 5, tags: new Set(["a", "b"]), numbers: [1, 2], doc: { deep: { x: "y" } }, name: "Ada" };
const names = { "#name": "name", "#d": "deep" };

/** `values` are the values of the expression's placeholders. */
function given(text: string, values: Record<string, unknown> = {}) {
  const used = Object.fromEntries(Object.entries(names).filter(([alias]) => text.includes(alias)));
  return { text, ExpressionAttributeNames: used, ExpressionAttributeValues: marshall(values) };
}

describe("a condition", () => {
  const cases: [string, Record<string, unknown>, boolean][] = [
    ["attribute_exists(id) AND attribute_not_exists(gone)", {}, true],
    ["NOT attribute_exists(doc.#d.x)", {}, false],
    ["n = :five", { ":five": 5 }, true],
    ["n <> :five OR #name = :ada", { ":five": 5, ":ada": "Ada" }, true],
    ["n BETWEEN :low AND :high", { ":low": 1, ":high": 4 }, false],
    ["n IN (:a, :b)", { ":a": 4, ":b": 5 }, true],
    ["n < :text", { ":text": "9" }, false],
    ["gone < :five", { ":five": 5 }, false],
    ["gone <> :five", { ":five": 5 }, true],
    ["begins_with(#name, :a) and size(numbers) = :two", { ":a": "A", ":two": 2 }, true],
    ["contains(tags, :b)", { ":b": "b" }, true],
    ["contains(numbers, :two)", { ":two": 2 }, true],
    ["attribute_type(doc, :m)", { ":m": "M" }, true],
    ["(n = :five AND n = :four) OR numbers[1] = :two", { ":five": 5, ":four": 4, ":two": 2 }, true],
    ["doc = :doc", { ":doc": { deep: { x: "y" } } }, true],
  ];
  test.each(cases)("%s", (text, values, expected) => {
    const expressions = given(text, values);
    expect(holds(text, marshall(item), { ...expressions, ConditionExpression: text })).toBe(expected);
  });

  test("holds or not on an item that is not there", () => {
    expect(holds("attribute_not_exists(id)", undefined, {})).toBe(true);
    expect(holds("attribute_exists(id)", undefined, {})).toBe(false);
  });

  test("of a reserved word, of nonsense, of what was not passed along, is refused", () => {
    expect(() => holds("status = :s", {}, {})).toThrow("reserved keyword: status");
    expect(() => holds("n = = :s", {}, {})).toThrow("Syntax error");
    expect(() => holds("n = :s AND", {}, {})).toThrow();
    expect(() => checkReferences({ ConditionExpression: "n = :s" })).toThrow("not defined: :s");
    expect(() => checkReferences({ ConditionExpression: "attribute_exists(#n)" })).toThrow("not defined: #n");
  });
});

describe("an update", () => {
  const cases: [string, Record<string, unknown>, Record<string, unknown>][] = [
    [
      "SET n = n + :one, #name = :name REMOVE numbers[0]",
      { ":one": 1, ":name": "Bob" },
      { n: 6, name: "Bob", numbers: [2] },
    ],
    ["SET n = if_not_exists(n, :zero) - :one", { ":zero": 0, ":one": 1 }, { n: 4 }],
    ["SET numbers = list_append(numbers, :more)", { ":more": [3] }, { numbers: [1, 2, 3] }],
    ["SET doc.#d.x = :z", { ":z": "z" }, { doc: { deep: { x: "z" } } }],
    [
      "ADD n :one, fresh :one, tags :more",
      { ":one": 1, ":more": new Set(["c"]) },
      { n: 6, fresh: 1, tags: new Set("abc") },
    ],
    ["DELETE tags :a", { ":a": new Set(["a"]) }, { tags: new Set("b") }],
    ["SET a = n, n = :one", { ":one": 1 }, { a: 5, n: 1 }],
  ];
  test.each(cases)("%s", (UpdateExpression, values, changed) => {
    const before = marshall(item);
    const after = updated(before, { ...given(UpdateExpression, values), UpdateExpression });
    expect(unmarshall(after)).toEqual({ ...item, ...changed });
    expect(before).toEqual(marshall(item));
  });

  test("of something that is not there is refused", () => {
    expect(() => updated({}, { UpdateExpression: "SET a = b" })).toThrow("does not exist in the item");
    expect(() =>
      updated({}, { UpdateExpression: "SET a.b = :v", ExpressionAttributeValues: { ":v": { S: "" } } }),
    ).toThrow("document path");
  });
});

test("a projection keeps what it names", () => {
  const ProjectionExpression = "id, #name, gone";
  expect(projected(marshall(item), { ...given(ProjectionExpression), ProjectionExpression })).toEqual(
    marshall({ id: "1", name: "Ada" }),
  );
});

test("an unused name or value is refused", () => {
  const ConditionExpression = "n = :five";
  const expressions = { ConditionExpression, ExpressionAttributeValues: { ":five": { N: "5" }, ":six": { N: "6" } } };
  expect(() => checkReferences(expressions)).toThrow("ExpressionAttributeValues unused in expressions: keys: {:six}");
  expect(() => checkReferences({ ExpressionAttributeNames: { "#n": "n" } })).toThrow("{#n}");
});
