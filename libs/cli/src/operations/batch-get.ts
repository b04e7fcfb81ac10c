import { setTimeout as delay } from "node:timers/promises";
import { BatchGetCommand, type DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type { ReadUnits } from "./read-units.ts";

/** The most keys BatchGetItem takes: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html */
const keysPerCall = 100;

export interface BatchGet {
  readonly documents: DynamoDBDocumentClient;
  readonly table: string;
  readonly keys: readonly Record<string, unknown>[];
  readonly consistent?: boolean;
  /** Only these attributes. */
  readonly attributes?: readonly string[];
  readonly readUnits?: ReadUnits | undefined;
}

/** Those of the items that exist, in no particular order. Keys must be distinct. */
export async function batchGet(request: BatchGet): Promise<Record<string, unknown>[]> {
  const items: Record<string, unknown>[] = [];
  for (let start = 0; start < request.keys.length; start += keysPerCall) {
    items.push(...(await readCall(request, request.keys.slice(start, start + keysPerCall))));
  }
  return items;
}

/** DynamoDB leaves keys unprocessed when it is busy or the answer would exceed 16 MB. */
async function readCall(request: BatchGet, wanted: readonly Record<string, unknown>[]) {
  const { documents, table, consistent = false, attributes, readUnits } = request;
  const items: Record<string, unknown>[] = [];
  let keys = [...wanted];
  for (let attempt = 0; keys.length > 0; attempt++) {
    if (attempt > 0) await delay(Math.random() * Math.min(2_000, 20 * 2 ** attempt));
    const { Responses, UnprocessedKeys, ConsumedCapacity } = await documents.send(
      new BatchGetCommand({
        RequestItems: { [table]: { Keys: keys, ConsistentRead: consistent, ...only(attributes) } },
        ReturnConsumedCapacity: "TOTAL",
      }),
    );
    readUnits?.add(ConsumedCapacity);
    items.push(...(Responses?.[table] ?? []));
    keys = UnprocessedKeys?.[table]?.Keys ?? [];
  }
  return items;
}

function only(attributes: readonly string[] | undefined) {
  if (attributes === undefined) return {};
  return {
    ProjectionExpression: attributes.map((name) => `#${name}`).join(", "),
    ExpressionAttributeNames: Object.fromEntries(attributes.map((name) => [`#${name}`, name])),
  };
}
