import { setTimeout as sleep } from "node:timers/promises";
import { openShop } from "@doubleshot/dev-shop";
import { readArguments } from "./command-line.ts";
import { awsCalls, countAwsCalls } from "./inspection/aws-calls.ts";
import { Inspector, inspected } from "./inspection/inspector.ts";
import { addressesOf, type Caller } from "./waiters/callers.ts";
import { fill, finishInSilence, publishFinished, type Waiting } from "./waiters/waiting-room.ts";

// npm run waiters -w bench: the cost for one process of keeping thousands of callers waiting, and of answering them all. The
// callers wait at one instance of orders. Another instance handles the bar's events, as behind a load balancer.

const { count } = readArguments("waiters", { count: { min: 1, default: 10_000 } });
/** After this time the sweep reads an order at its lowest rate. */
const settledMs = 75_000;
const minute = 60_000;

const print = (name: string, value: string) => process.stdout.write(`${name.padEnd(34)}${value}\n`);
const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
const thousands = (value: number) => Math.round(value).toLocaleString("en");
const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`;

const refused = tooFewFiles();
if (refused === undefined) await measure();
else {
  process.stderr.write(`${refused}\n`);
  process.exitCode = 1;
}

/** Each caller takes one socket here and one in the process that keeps it waiting. */
function tooFewFiles(): string | undefined {
  const { userLimits } = process.report.getReport() as { userLimits?: { open_files: { soft: number | string } } };
  const limit = Number(userLimits?.open_files.soft);
  const needed = count + 500;
  if (!(limit < needed)) return undefined;
  return `${thousands(count)} callers take ${thousands(needed)} open files in a process, and ${thousands(limit)} are allowed: raise the limit (ulimit -n ${needed}), or ask for fewer (--count).`;
}

async function measure(): Promise<void> {
  const waitHere = { CONSUME: "off", ...inspected };
  // This script publishes the bar's events, so the bar itself consumes nothing.
  await using shop = await openShop({
    env: { LOG_LEVEL: "warn" },
    services: { orders: { env: [waitHere, {}] }, barista: { env: { CONSUME: "off" } } },
  });
  const [counter] = shop.services.orders;
  if (counter === undefined) throw new Error("The shop has no counter.");
  using inspector = await Inspector.of(counter);
  // A first group of callers makes the process load, compile and pool, so that this cost is not counted for those that wait.
  const first = await fill(shop, Math.min(500, count));
  await publishFinished(shop, first.orderIds);
  await released(first.callers, "200");

  print("waiting in one process", `${thousands(count)} callers, from ${addressesOf(count)} addresses`);
  const idle = await inspector.memory();
  const arrivedAt = performance.now();
  let room = await fill(shop, count);
  print("to arrive, each with an order", seconds(performance.now() - arrivedAt));
  const waiting = await inspector.memory();
  const each = (before: number, after: number) => `${((after - before) / count / 1e3).toFixed(1)} kB`;
  print("memory a caller", `heap ${each(idle.heap, waiting.heap)}   resident ${each(idle.resident, waiting.resident)}`);
  print("heap after a collection", `${megabytes(idle.heap)} idle, ${megabytes(waiting.heap)} with all`);
  print("resident", `${megabytes(idle.resident)} idle, ${megabytes(waiting.resident)} with all`);

  await sleep(settledMs);
  await countAwsCalls(inspector);
  await sleep(minute);
  const { BatchGetItem: looks = { calls: 0, keys: 0 } } = await awsCalls(inspector);
  print("sweep, a minute", `${thousands(looks.keys)} orders read in ${looks.calls} calls: as many read units`);
  const lost = counter.output().some((line) => line.includes("lease has lapsed"));
  if (lost) print("", "more than it should be: the machine was so busy that the process lost its mailbox for hints");

  await countAwsCalls(inspector);
  await release("released by hints", room, publishFinished);
  const { ReceiveMessage: receives = { calls: 0 }, BatchGetItem: reads = { calls: 0 } } = await awsCalls(inspector);
  print("  which took", `${receives.calls} receives and ${reads.calls} reads, of many orders each`);
  room = await fill(shop, count);
  await release("released by the sweep alone", room, finishInSilence);
  room = await fill(shop, count);
  const drainedAt = performance.now();
  // A process does not exit while an inspector is attached.
  inspector[Symbol.dispose]();
  const gone = counter.kill("SIGTERM");
  print("sent on by SIGTERM (503)", `all within ${seconds((await released(room.callers, "503")) - drainedAt)}`);
  await gone;

  async function release(how: string, { callers, orderIds }: Waiting, finish: typeof publishFinished): Promise<void> {
    const last = released(callers, "200");
    const startedAt = performance.now();
    await finish(shop, orderIds);
    const finishedAt = performance.now();
    const lastAt = await last;
    print(
      how,
      `all within ${seconds(lastAt - startedAt)}, ${seconds(lastAt - finishedAt)} after the last was finished`,
    );
  }
}

/** Resolves with the time of the last answer, by performance.now(). @throws Error when a caller gets another status */
async function released(callers: readonly Caller[], expected: string): Promise<number> {
  const answers = await Promise.all(callers.map(({ answer }) => answer));
  const wrong = answers.find(({ status }) => status !== expected);
  if (wrong) throw new Error(`A caller got ${wrong.status} instead of ${expected}.`);
  return Math.max(...answers.map(({ at }) => at));
}
