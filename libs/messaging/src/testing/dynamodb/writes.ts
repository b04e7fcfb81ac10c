import {
  type BatchWriteItemCommandInput,
  ConditionalCheckFailedException,
  type DeleteItemCommandInput,
  type PutItemCommandInput,
  type UpdateItemCommandInput,
} from "@aws-sdk/client-dynamodb";
import { copyOfItem, type Item } from "./attribute-values.ts";
import { checkReferences, type Expressions, holds, updated } from "./expressions.ts";
import type { Table } from "./table.ts";

type Tables = (name: string | undefined) => Table;

export function putItem(tables: Tables, input: PutItemCommandInput) {
  const table = tables(input.TableName);
  const item = copyOfItem(input.Item ?? {});
  return write(table, table.keyOf(item), input, () => item);
}

export function updateItem(tables: Tables, input: UpdateItemCommandInput) {
  const table = tables(input.TableName);
  const key = table.keyOf(input.Key ?? {}, true);
  return write(table, key, input, (before) => updated(before ?? key, input));
}

export function deleteItem(tables: Tables, input: DeleteItemCommandInput) {
  const table = tables(input.TableName);
  return write(table, table.keyOf(input.Key ?? {}, true), input, () => undefined);
}

export function batchWrite(tables: Tables, { RequestItems = {} }: BatchWriteItemCommandInput) {
  for (const [TableName, requests] of Object.entries(RequestItems)) {
    for (const { PutRequest, DeleteRequest } of requests) {
      if (PutRequest) putItem(tables, { TableName, Item: PutRequest.Item });
      if (DeleteRequest) deleteItem(tables, { TableName, Key: DeleteRequest.Key });
    }
  }
  return { UnprocessedItems: {} };
}

interface ConditionalWrite extends Expressions {
  readonly ReturnValues?: string | undefined;
  readonly ReturnValuesOnConditionCheckFailure?: string | undefined;
}

function write(
  table: Table,
  key: Item,
  input: ConditionalWrite,
  change: (before: Item | undefined) => Item | undefined,
): { Attributes?: Item } {
  checkReferences(input);
  const before = table.get(key);
  if (!holds(input.ConditionExpression, before, input)) {
    const wantsItem = input.ReturnValuesOnConditionCheckFailure === "ALL_OLD" && before !== undefined;
    throw new ConditionalCheckFailedException({
      message: "The conditional request failed",
      ...(wantsItem ? { Item: copyOfItem(before) } : {}),
      $metadata: { httpStatusCode: 400 },
    });
  }
  const after = change(before);
  table.write(key, after);
  // UPDATED_OLD and UPDATED_NEW return the whole item. DynamoDB returns only the updated attributes.
  const returned = input.ReturnValues?.endsWith("_OLD") ? before : after;
  return input.ReturnValues === undefined || input.ReturnValues === "NONE" || returned === undefined
    ? {}
    : { Attributes: copyOfItem(returned) };
}
