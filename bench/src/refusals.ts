import { randomUUID } from "node:crypto";
import { Agent } from "node:http";
import { openShop } from "@doubleshot/dev-shop";
import { readArguments } from "./command-line.ts";
import { awsCalls, countAwsCalls } from "./inspection/aws-calls.ts";
import { Inspector, inspected } from "./inspection/inspector.ts";
import { type Call, call } from "./rush/call.ts";
import { percentile } from "./rush/percentile.ts";

// npm run refusals -w bench: the cost of a refused order for the process, beside its cheapest answer, and the AWS calls
// that a refusal makes.

readArguments("refusals");

const rounds = 9;
const requests = 1_000;
/** Connections, each with one request at a time. */
const connections = 20;

// The lowest limits that can be set: one order, and one more each second.
const limits = { RATE_BURST: "1", RATE_PER_SECOND: "1", ...inspected };
await using shop = await openShop({ services: { orders: { env: limits } } });
const [counter] = shop.services.orders;
if (counter === undefined) throw new Error("The shop has no counter.");
using inspector = await Inspector.of(counter);
const agent = new Agent({ keepAlive: true, maxSockets: connections });

const order = { method: "POST", url: `${counter.url}/order/`, json: { name: "Ada" }, agent } as const;
// An accepted order must not make its call wait.
const headers = { prefer: "respond-async" };
const kinds: readonly { readonly name: string; readonly call: () => Call; readonly status: number }[] = [
  { name: "GET /livez", call: () => ({ method: "GET", url: `${counter.url}/livez`, agent }), status: 200 },
  { name: "429", call: () => ({ ...order, headers }), status: 429 },
  {
    name: "429 for a new key",
    call: () => ({ ...order, headers: { ...headers, "idempotency-key": randomUUID() } }),
    status: 429,
  },
];

class Measured {
  /** Milliseconds of the process's CPU a request, and requests a second, of each round. */
  readonly cpu: number[] = [];
  readonly rate: number[] = [];
  readonly operations: Record<string, number> = {};
  answered = 0;
  taken = 0;
}

const measured = kinds.map(() => new Measured());
// The first round warms up.
for (let round = 0; round <= rounds; round++) {
  for (const [index, kind] of kinds.entries()) {
    const figures = round === 0 ? new Measured() : measured[index];
    if (figures) await measure(kind, figures);
  }
}
agent.destroy();

for (const [index, { name }] of kinds.entries()) {
  const [baseline, figures] = [measured[0], measured[index]];
  if (figures && baseline) process.stdout.write(`${name.padEnd(20)}${line(figures, baseline)}\n`);
}

function line({ cpu, rate, answered, taken, operations }: Measured, baseline: Measured): string {
  const median = percentile(cpu, 50);
  const ratio = median / percentile(baseline.cpu, 50);
  const { Query = 0, TransactWriteItems = 0, GetItem = 0 } = operations;
  // An accepted order costs one query for the open orders and one transaction.
  const calls = Query + TransactWriteItems + GetItem - 2 * taken;
  const perSecond = percentile(rate, 50).toFixed(0);
  return `${median.toFixed(2)} ms CPU (${ratio.toFixed(1)} x), ${perSecond}/s, ${calls} calls to DynamoDB for ${answered}`;
}

async function measure({ call: next, status }: (typeof kinds)[number], figures: Measured): Promise<void> {
  await countAwsCalls(inspector);
  const [before, startedAt] = [await inspector.cpu(), performance.now()];
  let left = requests;
  const hand = async () => {
    while (left-- > 0) {
      const request = next();
      const answer = await call(request);
      if (answer.status === status) figures.answered += 1;
      else if (answer.status === 202) figures.taken += 1;
      else throw new Error(`${request.method} ${request.url} got ${answer.status}.`);
    }
  };
  await Promise.all(Array.from({ length: connections }, hand));
  figures.cpu.push(((await inspector.cpu()) - before) / requests);
  figures.rate.push((requests / (performance.now() - startedAt)) * 1_000);
  for (const [operation, { calls }] of Object.entries(await awsCalls(inspector))) {
    figures.operations[operation] = (figures.operations[operation] ?? 0) + calls;
  }
}
