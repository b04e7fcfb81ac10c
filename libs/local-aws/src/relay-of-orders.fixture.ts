import { TransactWriteCommand } from "@aws-sdk/lib-dynamodb";
import { coffeeShop } from "@doubleshot/shop";
import { physicalName, type Topology } from "@doubleshot/topology";
import type { DynamoDBRecord } from "aws-lambda";
import { onTestFinished } from "vitest";
import { type Handler, type LocalAws, type LocalAwsOptions, startLocalAws } from "./index.ts";

const { topology } = coffeeShop;
const relay = topology.mappings["orders-outbox-relay"];

/** The shop with one relay, and other settings for its mapping. */
export const topologyWith = (settings: Partial<typeof relay> | Record<string, unknown>): Topology => ({
  ...topology,
  mappings: { "orders-outbox-relay": { ...relay, ...settings } },
});

/** The aggregate whose outbox row the record is of. */
export const aggregateOf = (record: DynamoDBRecord) => record.dynamodb?.Keys?.aggregate?.S;

/** An embedded AWS with this handler as the relay of orders; closed with the test. */
export async function startWithRelay(handler: Handler, options: LocalAwsOptions = {}) {
  const times = { minRetryMs: 1, maxRetryMs: 5 };
  const aws = await startLocalAws({ topology, times, functions: { "orders-outbox-relay": { handler } }, ...options });
  onTestFinished(() => aws.close());
  return aws;
}

/** Writes a row for each aggregate, in a transaction each, as the outbox writes them. */
export async function commit(aws: LocalAws, aggregates: readonly string[], prefix = "doubleshot"): Promise<void> {
  const TableName = physicalName(prefix, "orders-outbox");
  for (const aggregate of aggregates) {
    const Item = { aggregate, version: 1, events: [] };
    await aws.clients.documents.send(new TransactWriteCommand({ TransactItems: [{ Put: { TableName, Item } }] }));
  }
}
