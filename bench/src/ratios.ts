import { provision } from "@doubleshot/topology";
import { startAws } from "./ratios/aws-process.ts";
import { commitOverhead } from "./ratios/commit-overhead.ts";
import { ratioNotebook, shop, topology } from "./ratios/notebook.ts";
import { poisonedRelay, relayThroughput } from "./ratios/relay-throughput.ts";
import { poisonedConsumer, subscriberThroughput } from "./ratios/subscriber-throughput.ts";

// npm run ratios -w bench: what the library costs on top of the bare calls, each pair measured in turns within one run, so
// that the machine and the endpoint cancel out. The endpoint is a process of its own, as services have it.

await using aws = await startAws();
await provision({ topology, shop, clients: aws.clients });
const percent = (share: number) => `${(share * 100).toFixed(0)} %`;
const print = (name: string, value: string, bound: string) =>
  process.stdout.write(`${name.padEnd(64)}${value.padStart(9)}   ${bound}\n`);

const notebook = await ratioNotebook(aws.clients);
const relayed = await relayThroughput(notebook);
print("relay, of bare PublishBatch", percent(relayed.plain), ">= 80 %");
print("relay with parking, nothing being parked", percent(relayed.parking), ">= 80 %");
print("relay, others' rate with one aggregate poisoned", percent(await poisonedRelay(notebook)), ">= 95 %");
const { transport, effects, plain } = await subscriberThroughput(notebook);
print("subscriber, of bare receive and delete", percent(plain), ">= 80 %");
print("subscriber with deadLetters, nothing being blocked", percent(transport), ">= 80 %");
print("subscriber, of bare receive, transaction and delete", percent(effects), "");
print("subscriber, others' rate with one aggregate poisoned", percent(await poisonedConsumer(notebook)), ">= 95 %");
const { own, bare } = await commitOverhead(notebook);
print("commit, own CPU on top of TransactWriteItems (p50)", `${own.toFixed(2)} ms`, "<= 0.3 ms");
print("  CPU of the SDK's bare TransactWriteItems (p50)", `${bare.toFixed(2)} ms`, "");
