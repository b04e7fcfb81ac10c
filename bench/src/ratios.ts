import { provision } from "@doubleshot/topology";
import { readArguments } from "./command-line.ts";
import { startAws } from "./ratios/aws-process.ts";
import { commitOverhead } from "./ratios/commit-overhead.ts";
import { openHarness, type Ratio, shop, topology } from "./ratios/harness.ts";
import { poisonedRelay, relayThroughput } from "./ratios/relay-throughput.ts";
import { poisonedConsumer, subscriberThroughput } from "./ratios/subscriber-throughput.ts";

// npm run ratios -w bench: the cost of the library on top of the bare calls. Each pair is measured in turns within one run,
// so that the machine and the endpoint cancel out. The endpoint is a process of its own, as in production.

// --call-ms 8 delays every call by the time that AWS takes for one. Without it, the endpoint answers in about a millisecond.
// --only subscriber measures the subscriber's rows; relay and commit are the other two.

const { "call-ms": callMs, only } = readArguments("ratios", { "call-ms": { min: 0, default: 0 } }, ["only"]);

await using aws = await startAws(callMs);
await provision({ topology, shop, clients: aws.clients });
const atLeast = callMs < 8 ? ">= 80 %" : ">= 95 %";
const percent = (share: number) => (share * 100).toFixed(0);
const print = (name: string, value: string, bound: string) =>
  process.stdout.write(`${name.padEnd(58)}${value.padStart(8)}   ${bound}\n`);
const printRatio = (name: string, { median, quartiles }: Ratio, bound = "") =>
  print(name, `${percent(median)} %`, `${`(${quartiles.map(percent).join("-")})`.padEnd(9)} ${bound}`.trimEnd());

const harness = await openHarness(aws.clients);
const parts = {
  relay: async () => {
    const relayed = await relayThroughput(harness);
    printRatio("relay, of bare PublishBatch", relayed.plain, atLeast);
    printRatio("relay with parking, nothing being parked", relayed.parking, atLeast);
    printRatio("relay, others' rate with one aggregate poisoned", await poisonedRelay(harness), ">= 95 %");
  },
  subscriber: async () => {
    const { transport, effects, plain } = await subscriberThroughput(harness);
    printRatio("subscriber, of bare receive and delete", plain, atLeast);
    printRatio("subscriber with deadLetters, nothing being blocked", transport, atLeast);
    printRatio("subscriber, of bare receive, transaction and delete", effects, atLeast);
    printRatio("subscriber, others' rate with one aggregate poisoned", await poisonedConsumer(harness), ">= 95 %");
  },
  commit: async () => {
    const { ownMs, bareMs } = await commitOverhead(harness);
    print("commit, own CPU on top of TransactWriteItems (p50)", `${ownMs.toFixed(2)} ms`, "<= 0.3 ms");
    print("  CPU of the SDK's bare TransactWriteItems (p50)", `${bareMs.toFixed(2)} ms`, "");
  },
};
for (const [name, measure] of Object.entries(parts)) if (only === undefined || only === name) await measure();
