import { setTimeout as delay } from "node:timers/promises";
import { GetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import { ScanCommand } from "@aws-sdk/lib-dynamodb";
import { coffeeShop } from "@doubleshot/shop";
import { physicalName, queueUrl } from "@doubleshot/topology";
import { InProcessShop } from "../in-process-shop.ts";
import { type Billed, BilledCalls } from "./billed-calls.ts";

/** The units that one order of a guest costs: placed at the counter, claimed, finished, answered. */
export interface OrderUnits extends Readonly<Billed> {
  /** Bytes of the log lines at level `info`. */
  readonly logBytes: number;
}

/**
 * Serves one order alone, and counts. Hints and sweeps are off: their cost follows from processes and waiting time, and not from
 * orders. Each message travels alone, so calls that could be shared are counted in full.
 */
export async function measureOrder(): Promise<OrderUnits> {
  const calls = new BilledCalls();
  await using shop = await InProcessShop.open((clients) => calls.watch(clients));
  const counter = await shop.start("orders", { HINTS: "off", SWEEP: "off" }, "info");
  const bar = await shop.start("barista", { HINTS: "off" }, "info");
  // The first order makes connections, looks up queues and topics, and fills caches.
  await serve(shop, { counter, bar });
  calls.reset();
  shop.lines.length = 0;
  await serve(shop, { counter, bar });
  const logBytes = shop.lines.reduce((sum, line) => sum + Buffer.byteLength(JSON.stringify(line)) + 1, 0);
  return { ...calls.total, logBytes };
}

/** Serves an order at the counter, and resolves when all its messages are handled and deleted. */
async function serve(shop: InProcessShop, { counter, bar }: { counter: string; bar: string }): Promise<void> {
  const answer = ok(fetch(`${counter}/order/`, { method: "POST" }));
  await until(async () => (await statusesIn(shop, "barista")).includes("QUEUED"));
  const claimed = await ok(fetch(`${bar}/start/`));
  const { order_id: id } = (await claimed.json()) as { order_id: string };
  await until(async () => (await statusesIn(shop, "orders")).includes("BREWING"));
  await ok(fetch(`${bar}/finish/?order_id=${id}`, { method: "POST" }));
  await (await answer).text();
  await until(async () => (await messagesLeft(shop)) === 0);
}

async function ok(answer: Promise<Response>): Promise<Response> {
  const response = await answer;
  if (response.status !== 200) throw new Error(`${response.url} answered ${response.status}.`);
  return response;
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await delay(5);
}

async function statusesIn({ aws }: InProcessShop, table: string): Promise<unknown[]> {
  const scan = new ScanCommand({ TableName: physicalName(coffeeShop.name, table), ConsistentRead: true });
  return ((await aws.clients.documents.send(scan)).Items ?? []).map(({ status }) => status);
}

/** Messages in the queues of the two services, those in hand included. Queues of services that are not started keep theirs. */
async function messagesLeft({ aws: { clients } }: InProcessShop): Promise<number> {
  const names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"] as const;
  const { orders, barista } = coffeeShop.services;
  const counts = [orders, barista].map(async (service) => {
    const QueueUrl = await queueUrl(clients, coffeeShop.name, service.names.queue);
    const { Attributes = {} } = await clients.sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...names] }),
    );
    return names.reduce((sum, name) => sum + Number(Attributes[name]), 0);
  });
  return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
}
