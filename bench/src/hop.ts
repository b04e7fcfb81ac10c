import { fileURLToPath } from "node:url";
import { type LocalAws, startLocalAws } from "@doubleshot/local-aws";
import { coffeeShop } from "@doubleshot/shop";
import { readArguments } from "./command-line.ts";
import { rawHop } from "./raw-hop.ts";

// Measures raw hops, and the start of the embedded AWS.

const {
  count,
  gap: gapMs,
  data = "memory",
} = readArguments("hop", { count: { min: 2, default: 500 }, gap: { min: 0, default: 20 } }, ["data"]);

const entry = fileURLToPath(new URL("../../lambdas/outbox/src/handler.ts", import.meta.url));
const startedAt = performance.now();
const aws = await startLocalAws({
  topology: coffeeShop.topology,
  data,
  functions: { "orders-outbox-relay": { entry } },
});
print(`started in ${(performance.now() - startedAt).toFixed(0)} ms`);
try {
  const waits = await measure(aws, count, gapMs);
  const [first = 0] = waits;
  const sorted = waits.slice(1).sort((one, other) => one - other);
  const at = (share: number) => (sorted[Math.floor(sorted.length * share)] ?? 0).toFixed(1);
  print(`first hop ${first.toFixed(1)} ms (the relay's process is still loading)`);
  print(`${sorted.length} hops, ${gapMs} ms apart: p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, p99 ${at(0.99)} ms`);
} finally {
  await aws.close();
}

/** Runs one hop after another, with a pause between two. Returns the milliseconds of each. */
async function measure(aws: LocalAws, count: number, gapMs: number): Promise<number[]> {
  const hop = await rawHop(aws);
  const waits: number[] = [];
  for (let index = 0; index <= count; index++) {
    waits.push(await hop());
    await new Promise((resolve) => setTimeout(resolve, gapMs));
  }
  return waits;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
