import { setTimeout as delay } from "node:timers/promises";
import { BatchGetCommand, type BatchGetCommandOutput, type DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";

/** The most keys of one call: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html */
const maxKeys = 100;

type Row = Record<string, unknown>;

export interface BatchGet {
  readonly documents: DynamoDBDocumentClient;
  /** Physical name. */
  readonly table: string;
  /** Any number of distinct keys: DynamoDB refuses a call that names a key twice. */
  readonly keys: readonly Readonly<Row>[];
  /** Read the newest state, at twice the cost. */
  readonly consistent?: boolean;
  /** Read these attributes only. */
  readonly attributes?: readonly string[];
  /** Called after each call with the capacity that it consumed. */
  readonly onConsumed?: (consumed: BatchGetCommandOutput["ConsumedCapacity"]) => void;
}

/** Returns the items that exist, in no particular order. */
export async function batchGet(request: BatchGet): Promise<Row[]> {
  const items: Row[] = [];
  for (let start = 0; start < request.keys.length; start += maxKeys) {
    items.push(...(await readAll(request, request.keys.slice(start, start + maxKeys))));
  }
  return items;
}

/** Reads until no key is left. DynamoDB leaves keys unprocessed when it is busy or the answer exceeds 16 MB. */
async function readAll(request: BatchGet, wanted: readonly Row[]): Promise<Row[]> {
  const { documents, table, consistent = false, attributes, onConsumed } = request;
  const items: Row[] = [];
  let keys = [...wanted];
  for (let attempt = 0; keys.length > 0; attempt++) {
    if (attempt > 0) await delay(Math.random() * Math.min(1_000, 10 * 2 ** attempt));
    const { Responses, UnprocessedKeys, ConsumedCapacity } = await documents.send(
      new BatchGetCommand({
        RequestItems: { [table]: { Keys: keys, ConsistentRead: consistent, ...only(attributes) } },
        ...(onConsumed && { ReturnConsumedCapacity: "TOTAL" }),
      }),
    );
    onConsumed?.(ConsumedCapacity);
    items.push(...(Responses?.[table] ?? []));
    keys = UnprocessedKeys?.[table]?.Keys ?? [];
  }
  return items;
}

/** Attribute names are always aliased, because many of them are reserved words. */
function only(attributes: readonly string[] | undefined) {
  if (attributes === undefined) return {};
  return {
    ProjectionExpression: attributes.map((name) => `#${name}`).join(", "),
    ExpressionAttributeNames: Object.fromEntries(attributes.map((name) => [`#${name}`, name])),
  };
}
