import type { BatchGetCommand, BatchGetCommandOutput, DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { expect, test } from "vitest";
import { batchGet } from "./batch-get.ts";

type Request = NonNullable<BatchGetCommand["input"]["RequestItems"]>[string];

/** A DynamoDB that has every item, answers one call with at most so many, and leaves the other keys unprocessed. */
function answering(atMost: number) {
  const requests: Request[] = [];
  const send = async ({ input }: BatchGetCommand): Promise<Partial<BatchGetCommandOutput>> => {
    const { notes } = input.RequestItems ?? {};
    if (notes === undefined) throw new Error("The call is for another table.");
    requests.push(notes);
    const [read = [], left = []] = [notes.Keys?.slice(0, atMost), notes.Keys?.slice(atMost)];
    return {
      Responses: { notes: read },
      UnprocessedKeys: left.length === 0 ? {} : { notes: { Keys: left } },
      ...(input.ReturnConsumedCapacity && { ConsumedCapacity: [{ CapacityUnits: read.length }] }),
    };
  };
  return { documents: { send } as Pick<DynamoDBDocumentClient, "send"> as DynamoDBDocumentClient, requests };
}

const keys = (count: number) => Array.from({ length: count }, (_, index) => ({ id: `${index}` }));

test("any number of keys is read, at most 100 in a call", async () => {
  const { documents, requests } = answering(100);
  expect(await batchGet({ documents, table: "notes", keys: keys(250) })).toEqual(keys(250));
  expect(requests.map(({ Keys }) => Keys?.length)).toEqual([100, 100, 50]);
  expect(await batchGet({ documents, table: "notes", keys: [] })).toEqual([]);
  expect(requests).toHaveLength(3);
});

test("unprocessed keys are read again, until none is left", async () => {
  const { documents, requests } = answering(2);
  expect(await batchGet({ documents, table: "notes", keys: keys(5) })).toEqual(keys(5));
  expect(requests.map(({ Keys }) => Keys?.length)).toEqual([5, 3, 1]);
});

test("each call reads with the options, and reports the capacity that it consumed", async () => {
  const { documents, requests } = answering(2);
  const consumed: unknown[] = [];
  const onConsumed = (each: unknown) => consumed.push(each);
  await batchGet({
    documents,
    table: "notes",
    keys: keys(3),
    consistent: true,
    attributes: ["id", "name"],
    onConsumed,
  });
  const expected = {
    ConsistentRead: true,
    ProjectionExpression: "#id, #name",
    ExpressionAttributeNames: { "#id": "id", "#name": "name" },
  };
  expect(requests).toMatchObject([expected, expected]);
  expect(consumed).toEqual([[{ CapacityUnits: 2 }], [{ CapacityUnits: 1 }]]);
});
