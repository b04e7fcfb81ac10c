import { marshall, type marshallOptions, unmarshall, type unmarshallOptions } from "@aws-sdk/util-dynamodb";
import type { Item } from "./dynamodb/attribute-values.ts";

/** Options of a `DynamoDBDocumentClient` about values, from its configuration. */
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
/** Names of the attributes that are translated. */
const verbatim = new Set(["ExpressionAttributeNames", "Responses"]);
const listsOfMaps = new Set(["Keys", "Items"]);

/** Converts a document client's request to values of the wire. */
export function toWireValues(input: object, { marshallOptions }: TranslateConfig = {}): object {
  return translated(input, (map) => marshall(map, { ...marshallOptions, convertTopLevelContainer: false }));
}

/** Converts an answer to the document client's values. */
export function toNativeValues(output: object, { unmarshallOptions }: TranslateConfig = {}): object {
  // A document client that sends a call itself sets this option, in the object that it receives.
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

/** `BatchGetItem` returns lists of items by table, `TransactGetItems` one list. */
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
