import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { QueryCommand } from "@aws-sdk/lib-dynamodb";
import { openShop } from "@doubleshot/dev-shop";
import { startLocalAws } from "@doubleshot/local-aws";
import { shop as coffeeShop } from "@doubleshot/shop";
import { readArguments } from "./command-line.ts";
import { rawHop } from "./raw-hop.ts";
import { call } from "./rush/call.ts";
import { percentile } from "./rush/percentile.ts";

// npm run saga -w bench: the time from the commit of an order on account to the commit that places it, as a multiple of one
// raw hop. Two hops are the least: orders to customers, and back. Sagas and hops take turns, on one embedded AWS each.

const { count, gap } = readArguments("saga", { count: { min: 10, default: 200 }, gap: { min: 0, default: 20 } });

const entry = fileURLToPath(new URL("../../lambdas/outbox/src/handler.ts", import.meta.url));
await using shop = await openShop({ env: { LOG_LEVEL: "error" } });
const bare = await startLocalAws({ topology: coffeeShop.topology, functions: { "orders-outbox-relay": { entry } } });
try {
  const hop = await rawHop(bare);
  const [orders = "", customers = ""] = [shop.services.orders[0]?.url, shop.services.customers[0]?.url];
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
    const [ofHop, ofSaga] = [await hop(), await saga(orders, customer_id)];
    if (round >= 0) {
      hops.push(ofHop);
      sagas.push(ofSaga);
    }
    await sleep(gap);
  }
  const at = (values: number[], percent: number) => percentile(values, percent).toFixed(1).padStart(6);
  const print = (text: string) => process.stdout.write(`${text}\n`);
  print(`raw hop                    p50 ${at(hops, 50)} ms   p95 ${at(hops, 95)} ms`);
  print(`created to placed          p50 ${at(sagas, 50)} ms   p95 ${at(sagas, 95)} ms`);
  print(`created to placed, in hops p50 ${(percentile(sagas, 50) / percentile(hops, 50)).toFixed(2)}   <= 2.5`);
} finally {
  await bare.close();
}

/** Places an order on account. Returns the milliseconds between the commits of its first two events. */
async function saga(orders: string, customer_id: string): Promise<number> {
  const order = { method: "POST", url: `${orders}/orders`, json: { customer_id, order_total: 1 } } as const;
  const { id } = Object((await call(order)).body);
  for (;;) {
    await sleep(30);
    const { Items = [] } = await shop.aws.clients.documents.send(
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
