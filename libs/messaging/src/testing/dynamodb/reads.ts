import type {
  BatchGetItemCommandInput,
  GetItemCommandInput,
  QueryCommandInput,
  ScanCommandInput,
  TransactGetItemsCommandInput,
} from "@aws-sdk/client-dynamodb";
import type { Item } from "./attribute-values.ts";
import { equalItems } from "./attribute-values.ts";
import { checkReferences, holds, projected } from "./expressions.ts";
import type { Table } from "./table.ts";

type Tables = (name: string | undefined) => Table;

export function getItem(tables: Tables, input: GetItemCommandInput) {
  checkReferences(input);
  const table = tables(input.TableName);
  const item = table.get(table.keyOf(input.Key ?? {}, true));
  return item === undefined ? {} : { Item: projected(item, input) };
}

export function transactGet(tables: Tables, { TransactItems = [] }: TransactGetItemsCommandInput) {
  return { Responses: TransactItems.map(({ Get }) => (Get === undefined ? {} : getItem(tables, Get))) };
}

export function batchGet(tables: Tables, { RequestItems = {} }: BatchGetItemCommandInput) {
  const Responses: Record<string, Item[]> = {};
  for (const [TableName, { Keys = [], ...projection }] of Object.entries(RequestItems)) {
    const found = Keys.map((Key) => getItem(tables, { TableName, Key, ...projection }).Item);
    Responses[TableName] = found.filter((item) => item !== undefined);
  }
  return { Responses, UnprocessedKeys: {} };
}

export function query(tables: Tables, input: QueryCommandInput) {
  checkReferences(input);
  const items = tables(input.TableName)
    .sorted(input.IndexName)
    .filter((item) => holds(input.KeyConditionExpression, item, input));
  return page(tables, input.ScanIndexForward === false ? items.reverse() : items, input);
}

export function scan(tables: Tables, input: ScanCommandInput) {
  checkReferences(input);
  const items = tables(input.TableName).sorted(input.IndexName);
  const { Segment = 0, TotalSegments = 1 } = input;
  return page(
    tables,
    items.filter((_, index) => index % TotalSegments === Segment),
    input,
  );
}

/** `Limit` counts the items read, before the filter; a last key means that there may be more. */
function page(tables: Tables, items: readonly Item[], input: QueryCommandInput | ScanCommandInput) {
  const table = tables(input.TableName);
  const { ExclusiveStartKey: startKey, Limit = items.length } = input;
  const start = startKey ? items.findIndex((item) => equalItems(table.keyOf(item), table.keyOf(startKey))) + 1 : 0;
  const read = items.slice(start, start + Limit);
  const kept = read.filter((item) => holds(input.FilterExpression, item, input));
  const last = read.at(-1);
  const more = last !== undefined && start + read.length < items.length;
  return {
    ...(input.Select === "COUNT" ? {} : { Items: kept.map((item) => projected(item, input)) }),
    Count: kept.length,
    ScannedCount: read.length,
    ...(more ? { LastEvaluatedKey: lastKey(table, input.IndexName, last) } : {}),
  };
}

function lastKey(table: Table, index: string | undefined, item: Item): Item {
  const key = table.keyOf(item);
  const spec = index === undefined ? undefined : table.spec.indexes?.[index];
  for (const attribute of [spec?.partition, spec?.sort]) {
    const value = attribute && item[attribute.name];
    if (attribute && value) key[attribute.name] = value;
  }
  return key;
}
