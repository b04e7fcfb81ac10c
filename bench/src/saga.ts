import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type DynamoDBDocumentClient, QueryCommand } from "@aws-sdk/lib-dynamodb";
import { openShop } from "@doubleshot/dev-shop";
import { type LocalAwsOptions, startLocalAws } from "@doubleshot/local-aws";
import { coffeeShop } from "@doubleshot/shop";
import { readArguments } from "./command-line.ts";
import { InProcessShop } from "./in-process-shop.ts";
import { rawHop } from "./raw-hop.ts";
import { call } from "./rush/call.ts";
import { percentile } from "./rush/percentile.ts";

// npm run saga -w bench: the time from the commit of an order on account to the commit that places it, as a multiple of one
// raw hop. Two hops are the least: orders to customers, and back. Sagas and hops take turns, on one embedded AWS each. The embedded
// AWS looks for records hundreds of times a second; with --polls 4, both look four times a second, as Lambda does.

const {
  count,
  gap: gapMs,
  polls: pollsPerSecond,
} = readArguments("saga", {
  count: { min: 10, default: 200 },
  gap: { min: 0, default: 20 },
  // Polls a second; 0 is the embedded AWS's own pace.
  polls: { min: 0, default: 0 },
});

/** All orders are of one address, and none is brewed. */
const withoutLimits = { RATE_BURST: "1000000", OPEN_ORDERS: "1000000" };
const entry = fileURLToPath(new URL("../../lambdas/outbox/src/handler.ts", import.meta.url));
const pace = paceOf(pollsPerSecond);
await using shop = pace === undefined ? await openProcesses() : await openInProcess(pace);
const functions = { "orders-outbox-relay": { entry } };
const bareAws = await startLocalAws({ topology: coffeeShop.topology, functions, ...(pace && { pace }) });
try {
  const hop = await rawHop(bareAws);
  const { orders, customers } = shop;
  const limit = Number.MAX_SAFE_INTEGER;
  const customer = {
    method: "POST",
    url: `${customers}/customers`,
    json: { name: "Jane Doe", credit_limit: limit },
  } as const;
  const { id: customer_id } = Object((await call(customer)).body);
  const [hops, sagas]: [number[], number[]] = [[], []];
  // The first ones warm up the processes.
  for (let round = -20; round < count; round++) {
    const hopMs = await hop();
    await sleepToAnyPhase();
    const sagaMs = await placeOnAccount(orders, customer_id);
    if (round >= 0) {
      hops.push(hopMs);
      sagas.push(sagaMs);
    }
    await sleepToAnyPhase();
    await sleep(gapMs);
  }
  const at = (values: number[], percent: number) => percentile(values, percent).toFixed(1).padStart(6);
  const print = (text: string) => process.stdout.write(`${text}\n`);
  print(`raw hop                    p50 ${at(hops, 50)} ms   p95 ${at(hops, 95)} ms`);
  print(`created to placed          p50 ${at(sagas, 50)} ms   p95 ${at(sagas, 95)} ms`);
  print(`created to placed, in hops p50 ${(percentile(sagas, 50) / percentile(hops, 50)).toFixed(2)}   <= 2.5`);
} finally {
  await bareAws.close();
}

type Pace = NonNullable<LocalAwsOptions["pace"]>;

interface SagaShop extends AsyncDisposable {
  readonly orders: string;
  readonly customers: string;
  readonly documents: DynamoDBDocumentClient;
}

async function openProcesses(): Promise<SagaShop> {
  const shop = await openShop({ env: { LOG_LEVEL: "error", ...withoutLimits } });
  const [orders = "", customers = ""] = [shop.services.orders[0]?.url, shop.services.customers[0]?.url];
  const { documents } = shop.aws.clients;
  return { orders, customers, documents, [Symbol.asyncDispose]: () => shop[Symbol.asyncDispose]() };
}

/** Services and relays in this process: an embedded AWS of its own process always has its own pace. */
async function openInProcess(pace: Pace): Promise<SagaShop> {
  const shop = await InProcessShop.open(undefined, { pace });
  const [orders, customers] = [
    await shop.start("orders", withoutLimits, "error"),
    await shop.start("customers", {}, "error"),
  ];
  const { documents } = shop.aws.clients;
  return { orders, customers, documents, [Symbol.asyncDispose]: () => shop[Symbol.asyncDispose]() };
}

/** Sleeps for a random part of the time between two polls, so that commits come at any time of it. */
function sleepToAnyPhase(): Promise<void> {
  return sleep(Math.random() * (pace?.idleMs ?? 0));
}

/** Undefined for the embedded AWS's own pace. */
function paceOf(pollsPerSecond: number): Pace | undefined {
  if (pollsPerSecond === 0) return undefined;
  const ms = 1_000 / pollsPerSecond;
  return { busyMs: ms, idleMs: ms, wokenMs: ms };
}

/** Places an order on account. Returns the milliseconds between the commits of its first two events. */
async function placeOnAccount(orders: string, customer_id: string): Promise<number> {
  const order = { method: "POST", url: `${orders}/orders`, json: { customer_id, order_total: 1 } } as const;
  const { status, body } = await call(order);
  if (status !== 201) throw new Error(`An order was answered with ${status}.`);
  const { id } = Object(body);
  for (;;) {
    await sleep(30);
    const { Items = [] } = await shop.documents.send(
      new QueryCommand({
        TableName: "doubleshot-orders-outbox",
        KeyConditionExpression: "#aggregate = :aggregate",
        ExpressionAttributeNames: { "#aggregate": "aggregate" },
        ExpressionAttributeValues: { ":aggregate": `order#${id}` },
        ConsistentRead: true,
      }),
    );
    const [created, placed] = Items.map(({ committedAt }) => Date.parse(committedAt));
    if (created !== undefined && placed !== undefined) return placed - created;
  }
}
