import { setTimeout as sleep } from "node:timers/promises";
import { paginateScan, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { BrewFinished } from "@doubleshot/contracts";
import type { OpenShop } from "@doubleshot/dev-shop";
import { createOutbox } from "@doubleshot/messaging";
import { physicalName } from "@doubleshot/topology";
import { type Caller, callersAt } from "./callers.ts";

const name = (short: string) => physicalName("doubleshot", short);

/** Callers that come at once. More would only delay each other, and the shop's heartbeats. */
const atOnce = 100;
/** Commits under way at once. */
const concurrency = 32;

export interface Waiting {
  readonly callers: readonly Caller[];
  readonly orderIds: readonly string[];
}

/** Fills the first counter with `count` callers. Resolves when each has an order in the table and waits for it. */
export async function fill(shop: OpenShop, count: number): Promise<Waiting> {
  const counter = shop.services.orders[0]?.url ?? "";
  const before = await placedAt(counter);
  const callers: Caller[] = [];
  for (let come = 0; come < count; come += atOnce) {
    callers.push(...callersAt(counter, before + come, Math.min(atOnce, count - come)));
    const firstAnswer = Promise.race(callers.map(({ answer }) => answer));
    while ((await placedAt(counter)) < before + callers.length) {
      const turnedAway = await Promise.race([firstAnswer, sleep(50, undefined)]);
      if (turnedAway) throw new Error(`A caller got ${turnedAway.status} instead of a wait.`);
    }
  }
  return { callers, orderIds: await openOrders(shop) };
}

/** Commits the bar's BrewFinished events, as the bar does. The counters handle them asynchronously. */
export async function publishFinished({ aws }: OpenShop, orderIds: readonly string[]): Promise<void> {
  const tables = { outbox: name("barista-outbox"), inbox: name("barista-inbox") };
  const outbox = createOutbox({ client: aws.clients.documents, source: "/doubleshot/barista", tables });
  await forEach(orderIds, async (orderId) => {
    const events = [BrewFinished({ orderId, finishedAt: new Date().toISOString() })];
    await outbox.commit({ aggregate: `ticket#${orderId}`, version: 1, events });
  });
}

/** Completes the orders in the table without a hint, as if all hints had been lost. */
export async function finishInSilence({ aws }: OpenShop, orderIds: readonly string[]): Promise<void> {
  await forEach(orderIds, (id) =>
    aws.clients.documents.send(
      new UpdateCommand({
        TableName: name("orders"),
        Key: { id },
        UpdateExpression: "SET #status = :completed, #at = :now ADD #version :one REMOVE #openFor",
        ExpressionAttributeNames: {
          "#status": "status",
          "#at": "completedAt",
          "#version": "version",
          "#openFor": "openFor",
        },
        ExpressionAttributeValues: { ":completed": "COMPLETED", ":now": new Date().toISOString(), ":one": 1 },
      }),
    ),
  );
}

async function openOrders({ aws }: OpenShop): Promise<string[]> {
  const pages = paginateScan(
    { client: aws.clients.documents },
    {
      TableName: name("orders"),
      FilterExpression: "#status = :placed",
      ProjectionExpression: "#id",
      ExpressionAttributeNames: { "#status": "status", "#id": "id" },
      ExpressionAttributeValues: { ":placed": "PLACED" },
    },
  );
  const ids: string[] = [];
  for await (const { Items = [] } of pages) ids.push(...Items.map(({ id }) => String(id)));
  return ids;
}

/** Returns the number of orders that the process has placed since its start. It is read often, so not from the table. */
async function placedAt(counter: string): Promise<number> {
  const metrics = await (await fetch(`${counter}/metrics`)).text();
  return Number(/^orders_total\{status="PLACED"\} (\d+)/m.exec(metrics)?.[1] ?? 0);
}

async function forEach<Value>(values: readonly Value[], work: (value: Value) => Promise<unknown>): Promise<void> {
  const left = values.values();
  const hand = async () => {
    for (const value of left) await work(value);
  };
  await Promise.all(Array.from({ length: concurrency }, hand));
}
