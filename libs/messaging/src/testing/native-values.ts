import { marshall, type marshallOptions, unmarshall, type unmarshallOptions } from "@aws-sdk/util-dynamodb";
import type { Item } from "./dynamodb/attribute-values.ts";

/** What a `DynamoDBDocumentClient` was told about values, and keeps in its configuration. */
export interface TranslateConfig {
  readonly marshallOptions?: marshallOptions;
  readonly unmarshallOptions?: unmarshallOptions;
}

const maps = new Set([
  "Item",
  "Key",
  "ExclusiveStartKey",
  "ExpressionAttributeValues",
  "Attributes",
  "LastEvaluatedKey",
]);
/** Names of attributes, and what is translated by itself. */
const verbatim = new Set(["ExpressionAttributeNames", "Responses"]);
const listsOfMaps = new Set(["Keys", "Items"]);

/** A request as the document client takes it, in the values that go over the wire. */
export function toWireValues(input: object, { marshallOptions }: TranslateConfig = {}): object {
  return translated(input, (map) => marshall(map, { ...marshallOptions, convertTopLevelContainer: false }));
}

/** An answer as the document client gives it. */
export function toNativeValues(output: object, { unmarshallOptions }: TranslateConfig = {}): object {
  // A document client that has sent a call itself has set this option, in the very object that it was given.
  const options = { ...unmarshallOptions, convertWithoutMapWrapper: false };
  const toNative = (map: object) => unmarshall(map as Item, options);
  const answer = translated(output, toNative) as { Responses?: unknown };
  if (isTableMap(answer.Responses)) {
    answer.Responses = Object.fromEntries(
      Object.entries(answer.Responses).map(([table, items]) => [table, (items as object[]).map(toNative)]),
    );
  }
  return answer;
}

/** `BatchGetItem` answers with lists of items by table, `TransactGetItems` with a list. */
function isTableMap(responses: unknown): responses is object {
  return typeof responses === "object" && responses !== null && !Array.isArray(responses);
}

function translated(value: object, translate: (map: object) => object): object {
  const result: Record<string, unknown> = {};
  for (const name of Object.keys(value)) {
    result[name] = translatedField(name, (value as Record<string, unknown>)[name], translate);
  }
  return result;
}

function translatedField(name: string, field: unknown, translate: (map: object) => object): unknown {
  if (typeof field !== "object" || field === null || verbatim.has(name)) {
    return Array.isArray(field) ? field.map((each) => translated(each, translate)) : field;
  }
  if (maps.has(name)) return translate(field);
  if (!Array.isArray(field)) return translated(field, translate);
  return field.map((each) => {
    if (typeof each !== "object" || each === null) return each;
    return listsOfMaps.has(name) ? translate(each) : translated(each, translate);
  });
}
