import { CreateTableCommand } from "@aws-sdk/client-dynamodb";
import { BatchWriteCommand, PutCommand, ScanCommand, type ScanCommandOutput } from "@aws-sdk/lib-dynamodb";
import { coffeeShop } from "@doubleshot/shop";
import { type AwsClients, createAwsClients } from "@doubleshot/topology";
import { expect, onTestFinished, test } from "vitest";
import { startDynoxide } from "./dynoxide.ts";
import { sweepExpired } from "./sweep-expired.ts";

const table = "shop-orders-inbox";
const topology = {
  ...coffeeShop.topology,
  tables: { "orders-inbox": coffeeShop.topology.tables["orders-inbox"] },
};
const seconds = () => Math.floor(Date.now() / 1000);

async function startTable() {
  const dynoxide = await startDynoxide({ port: 0 });
  onTestFinished(() => dynoxide.close());
  const endpoints = { dynamodb: dynoxide.url, sns: "http://127.0.0.1:9", sqs: "http://127.0.0.1:9" };
  const clients = createAwsClients({ endpoints });
  onTestFinished(() => clients.destroy());
  await clients.dynamodb.send(
    new CreateTableCommand({
      TableName: table,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: [{ AttributeName: "message", AttributeType: "S" }],
      KeySchema: [{ AttributeName: "message", KeyType: "HASH" }],
    }),
  );
  const put = (message: string, expiresAt?: unknown) =>
    clients.documents.send(new PutCommand({ TableName: table, Item: { message, expiresAt } }));
  const rows = async () => {
    const { Items = [] } = await clients.documents.send(new ScanCommand({ TableName: table }));
    return Items.map(({ message }) => message).sort();
  };
  const sweep = (maxRowsPerSweep?: number) => {
    const limit = maxRowsPerSweep === undefined ? {} : { maxRowsPerSweep };
    const sweeping = sweepExpired({ topology, shop: "shop", clients, everyMs: 5, ...limit, log: () => undefined });
    onTestFinished(() => sweeping.stop());
    return sweeping;
  };
  return { clients, put, rows, sweep };
}

test("rows whose time has passed go, all others stay", async () => {
  const { put, rows, sweep } = await startTable();
  await put("lapsed", seconds() - 10);
  await put("alive", seconds() + 1000);
  await put("without");
  await put("text", String(seconds() - 10));
  // Milliseconds by mistake, or a date of long ago: AWS leaves both alone.
  await put("milliseconds", Date.now() - 10_000);
  await put("long ago", seconds() - 6 * 365 * 24 * 3600);
  sweep();
  await expect.poll(rows).toEqual(["alive", "long ago", "milliseconds", "text", "without"]);
});

async function putMany({ documents }: AwsClients, count: number, expiresAt: number) {
  for (let first = 0; first < count; first += 25) {
    const requests = Array.from({ length: Math.min(25, count - first) }, (_, index) => ({
      PutRequest: { Item: { message: `row ${first + index}`, expiresAt } },
    }));
    await documents.send(new BatchWriteCommand({ RequestItems: { [table]: requests } }));
  }
}

/** Rows that each scan from now on reads. */
function countScans({ documents }: AwsClients): number[] {
  const counts: number[] = [];
  documents.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        const result = await next(args);
        if (commandName === "ScanCommand") counts.push((result.output as ScanCommandOutput).ScannedCount ?? 0);
        return result;
      },
    { step: "initialize" },
  );
  return counts;
}

test("a sweep reads one page of any history, and the next one goes on behind it", async () => {
  const { clients, sweep } = await startTable();
  await putMany(clients, 60, seconds() + 1_000);
  const scans = countScans(clients);
  sweep(25);
  await expect.poll(() => scans.length).toBeGreaterThanOrEqual(7);
  expect(scans.slice(0, 7)).toEqual([25, 25, 10, 25, 25, 10, 25]);
});

test("many pages of rows go in as many sweeps", async () => {
  const { clients, rows, sweep } = await startTable();
  await putMany(clients, 60, seconds() - 10);
  await sweep(25).stop();
  expect(await rows()).toHaveLength(60);
  sweep(25);
  await expect.poll(rows).toEqual([]);
});

test("a row that got more time between the read and the delete stays", async () => {
  const { clients, put, rows, sweep } = await startTable();
  await put("lapsed", seconds() - 10);
  await put("prolonged", seconds() - 10);
  // Prolongs the row after the scan has read it, and before a delete.
  clients.documents.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        if (commandName?.startsWith("Delete")) await put("prolonged", seconds() + 1000);
        return next(args);
      },
    { step: "initialize" },
  );
  sweep();
  await expect.poll(rows).toEqual(["prolonged"]);
});
