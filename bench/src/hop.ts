import { fileURLToPath } from "node:url";
import { DeleteMessageCommand, ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import { TransactWriteCommand } from "@aws-sdk/lib-dynamodb";
import { type LocalAws, startLocalAws } from "@doubleshot/local-aws";
import { shop } from "@doubleshot/shop";
import { queueUrl } from "@doubleshot/topology";
import { readArguments } from "./command-line.ts";

// Measures the time from a transaction's acknowledgement to the receive of its message, without a service in between:
// transaction -> stream -> relay (in its own process) -> SNS -> SQS. Also measures the start of the embedded AWS.

const {
  count,
  gap,
  data = "memory",
} = readArguments("hop", { count: { min: 2, default: 500 }, gap: { min: 0, default: 20 } }, ["data"]);

const entry = fileURLToPath(new URL("../../lambdas/outbox/src/handler.ts", import.meta.url));
const startedAt = performance.now();
const aws = await startLocalAws({ topology: shop.topology, data, functions: { "orders-outbox-relay": { entry } } });
print(`started in ${(performance.now() - startedAt).toFixed(0)} ms`);
try {
  const waits = await measure(aws, count, gap);
  const [first = 0] = waits;
  const sorted = waits.slice(1).sort((one, other) => one - other);
  const at = (share: number) => (sorted[Math.floor(sorted.length * share)] ?? 0).toFixed(1);
  print(`first hop ${first.toFixed(1)} ms (the relay's process is still loading)`);
  print(`${sorted.length} hops, ${gap} ms apart: p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, p99 ${at(0.99)} ms`);
} finally {
  await aws.close();
}

/** Runs one hop after another, with a pause of `gap` ms between two. Returns milliseconds. */
async function measure({ clients }: LocalAws, count: number, gap: number): Promise<number[]> {
  const QueueUrl = await queueUrl(clients, "doubleshot", "barista-subscriber.fifo");
  const waits: number[] = [];
  for (let index = 0; index <= count; index++) {
    const waiting = clients.longPolls.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }));
    await clients.documents.send(new TransactWriteCommand({ TransactItems: [{ Put: row(index) }] }));
    const committed = performance.now();
    const { Messages: [message] = [] } = await waiting;
    waits.push(performance.now() - committed);
    await clients.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message?.ReceiptHandle }));
    await new Promise((resolve) => setTimeout(resolve, gap));
  }
  return waits;
}

function row(index: number) {
  const event = { id: `event-${index}`, type: "OrderPlaced", json: JSON.stringify({ index }) };
  const Item = { aggregate: `order#${index}`, version: 1, events: [event], committedAt: new Date().toISOString() };
  return { TableName: "doubleshot-orders-outbox", Item };
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
