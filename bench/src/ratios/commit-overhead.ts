import { randomUUID } from "node:crypto";
import { TransactWriteCommand } from "@aws-sdk/lib-dynamodb";
import { percentile } from "../rush/percentile.ts";
import { message, Noted, type RatioHarness, tables, text } from "./harness.ts";

const commits = 1_500;

/**
 * Returns medians of this process's CPU time: `bareMs` for a bare transaction of two items, `ownMs` for what a commit of the same
 * items takes on top of it.
 */
export async function commitOverhead(harness: RatioHarness): Promise<{ ownMs: number; bareMs: number }> {
  const bare: number[] = [];
  const ours: number[] = [];
  for (let index = -200; index < commits; index++) {
    const one = await cpu(() => writeBare(harness));
    const other = await cpu(() => commit(harness));
    if (index < 0) continue; // the first commits compile the code
    bare.push(one);
    ours.push(other);
  }
  const typical = percentile(bare, 50);
  return { ownMs: percentile(ours, 50) - typical, bareMs: typical };
}

function commit({ outbox }: RatioHarness) {
  const id = randomUUID();
  return outbox.commit({
    aggregate: `note#${id}`,
    save: { table: tables.notes, key: { id }, item: { text }, expected: 0 },
    events: [Noted({ text })],
  });
}

function writeBare({ clients }: RatioHarness) {
  const id = randomUUID();
  const aggregate = `note#${id}`;
  const now = new Date().toISOString();
  const events = [{ id, type: "Noted", json: message(id, aggregate) }];
  const absent = (attribute: string) => ({
    ConditionExpression: "attribute_not_exists(#key)",
    ExpressionAttributeNames: { "#key": attribute },
    ReturnValuesOnConditionCheckFailure: "ALL_OLD" as const,
  });
  const row = { aggregate, version: 1, events, committedAt: now, expiresAt: 1_900_000_000 };
  return clients.documents.send(
    new TransactWriteCommand({
      ClientRequestToken: randomUUID(),
      TransactItems: [
        { Put: { TableName: tables.outbox, Item: row, ...absent("aggregate") } },
        { Put: { TableName: tables.notes, Item: { id, text, version: 1 }, ...absent("id") } },
      ],
    }),
  );
}

async function cpu(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
