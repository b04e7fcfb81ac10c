import type { FakeAwsOptions } from "./fake-aws.ts";
import { queueUrl } from "./sqs/fake-sqs.ts";

const key = { partition: { name: "aggregate", type: "S" }, sort: { name: "version", type: "N" } } as const;
export const options = {
  tables: { rows: { key, stream: "NEW_IMAGE", ttl: "expiresAt" } },
  topics: ["news.fifo"],
  queues: { "readers.fifo": { fifo: true }, "writers.fifo": { fifo: true } },
  subscriptions: ["readers.fifo", "writers.fifo"].map((queue) => ({ topic: "news.fifo", queue })),
} as const satisfies FakeAwsOptions;
export const readers = { QueueUrl: queueUrl("readers.fifo") };

export function put(aggregate: string, version: number, more: object = {}) {
  return { Put: { TableName: "rows", Item: { aggregate, version }, ...more } };
}
/** The condition that there is no item, which returns the one there is. */
export const ifNew = {
  ConditionExpression: "attribute_not_exists(#a)",
  ExpressionAttributeNames: { "#a": "aggregate" },
  ReturnValuesOnConditionCheckFailure: "ALL_OLD",
} as const;
