import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { openShop } from "@doubleshot/dev-shop";
import { readArguments } from "./command-line.ts";
import { type Answer, type Call, call } from "./rush/call.ts";
import { percentile } from "./rush/percentile.ts";
import { seededRandom } from "./rush/seeded-random.ts";
import { readEvents } from "./wake/server-sent-events.ts";

// npm run wake -w bench: the time until callers that wait at one instance get a change that another instance committed. The
// shop has two instances of each service and is otherwise idle. It has one order at a time, on which every kind of wait is
// measured.

readArguments("wake");

const orders = 100;
const shown: Record<string, number[]> = {};

// The first instances consume all events; all callers wait at the second ones.
const elsewhere = [{}, { CONSUME: "off" }];
await using shop = await openShop({
  env: { LOG_LEVEL: "warn" },
  services: { orders: { env: elsewhere }, barista: { env: elsewhere } },
});
const [here, there] = shop.services.orders.map(({ url }) => url) as [string, string];
const [bar, otherBar] = shop.services.barista.map(({ url }) => url) as [string, string];
const random = seededRandom(1);

const board = readEvents(`${otherBar}/events`);
await board.open;
// The first two orders warm up the processes.
for (let order = -2; order < orders; order++) {
  const took = await oneOrder();
  if (order >= 0) for (const [name, ms] of Object.entries(took)) shown[name] = [...(shown[name] ?? []), ms];
}
board.close();
for (const [name, values] of Object.entries(shown)) {
  const [p50, p99] = [50, 99].map((percent) => percentile(values, percent).toFixed(1));
  process.stdout.write(`${name.padEnd(62)}p50 ${p50} ms   p99 ${p99} ms\n`);
}

/** Runs one order from placing to finish. Returns the milliseconds until each kind of wait ended. */
async function oneOrder(): Promise<Record<string, number>> {
  const key = randomUUID();
  const order = { method: "POST", json: {}, headers: { "idempotency-key": key } } as const;
  const barista = answered({ method: "GET", url: `${otherBar}/start/?wait=20` });
  // Let every poll reach its idle rate first.
  await sleep(50 + random() * 200);
  const orderedAt = performance.now();
  const customer = answered({ ...order, url: `${here}/order/` });
  const claimed = await barista;
  const { order_id: id } = Object.assign({ order_id: "" }, claimed.answer.body);

  const attached = answered({ ...order, url: `${there}/order/` });
  const asking = answered({ method: "GET", url: `${there}/orders/${id}`, headers: { prefer: "wait=60" } });
  const events = readEvents(`${there}/orders/${id}/events`);
  await events.open;
  const completed = events.until('"status":"COMPLETED"');
  await sleep(50 + random() * 200);
  const onBoard = board.until(`"status":"FINISHED"`);
  const finishedAt = performance.now();
  await call({ method: "POST", url: `${bar}/finish/?order_id=${id}` });
  const waited = async (waiting: typeof customer) => (await waiting).at - finishedAt;
  const took = {
    "order sent -> barista who asked with ?wait=20": claimed.at - orderedAt,
    "finish sent -> customer at the counter": await waited(customer),
    "finish sent -> customer who came back under their key": await waited(attached),
    "finish sent -> GET /orders/{id} with Prefer: wait=60": await waited(asking),
    "finish sent -> GET /orders/{id}/events": (await completed) - finishedAt,
    "finish sent -> the board, GET /events": (await onBoard) - finishedAt,
  };
  events.close();
  return took;
}

async function answered(request: Call): Promise<{ answer: Answer; at: number }> {
  const answer = await call(request);
  if (answer.status !== 200) throw new Error(`${request.method} ${request.url} got ${answer.status}.`);
  return { answer, at: performance.now() };
}
