import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readArguments } from "./command-line.ts";
import { latencies } from "./figures/latency.ts";
import { prepare, startTime } from "./figures/start-time.ts";
import { percentile } from "./rush/percentile.ts";

// npm run figures -w bench: how fast the shop opens, and how fast a finished coffee reaches its customer.

readArguments("figures");

const print = (name: string, value: string) => process.stdout.write(`${name.padEnd(38)}${value}\n`);
const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`;
const spread = (values: readonly number[]) =>
  `p50 ${percentile(values, 50).toFixed(1)} ms   p99 ${percentile(values, 99).toFixed(1)} ms`;

const cache = await mkdtemp(join(tmpdir(), "doubleshot-cache-"));
try {
  await prepare(cache);
  for (const name of ["npm start, the first after npm ci", "npm start, after that"]) {
    const { openMs, servedMs } = await startTime(cache);
    print(name, `open ${seconds(openMs)}   first order served ${seconds(servedMs)}`);
  }
} finally {
  await rm(cache, { recursive: true, force: true });
}
const { orderToBarMs, finishToAnswerMs } = await latencies(200);
print("order sent -> at the bar (idle)", spread(orderToBarMs));
print("finish sent -> customer's 200 (idle)", spread(finishToAnswerMs));
