import { execFile } from "node:child_process";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { readArguments } from "./command-line.ts";
import { percentile } from "./rush/percentile.ts";

// npm run cold-start -w bench: how long the relay's bundle takes to load in a fresh process of Node, as Lambda loads it.

const { runs } = readArguments("cold-start", { runs: { min: 1, default: 15 } });
const run = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));
const bundle = pathToFileURL(`${root}/lambdas/outbox/dist/handler.mjs`).href;
/** Prints milliseconds: the elapsed time, and the processor time, which other work on the machine hardly changes. */
const load = `
const [at, cpu] = [performance.now(), process.cpuUsage()];
await import(${JSON.stringify(bundle)});
const { user, system } = process.cpuUsage(cpu);
console.log(JSON.stringify({ elapsedMs: performance.now() - at, cpuMs: (user + system) / 1000 }));`;
const settings = {
  TOPIC_ARN: "arn:aws:sns:us-east-1:123456789012:doubleshot-orders-events.fifo",
  SOURCE: "/doubleshot/orders",
  PARKED_TABLE: "doubleshot-orders-parked",
  AWS_REGION: "us-east-1",
};

interface Load {
  readonly elapsedMs: number;
  readonly cpuMs: number;
}

/** Loads the bundle in one process after another, without Node's compile cache, which Lambda does not have. */
async function loads(env: Readonly<Record<string, string>>): Promise<Load[]> {
  const times: Load[] = [];
  for (let n = 0; n < runs; n++) {
    const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", load], {
      env: { PATH: process.env.PATH, ...settings, ...env },
    });
    times.push(JSON.parse(stdout));
  }
  return times;
}

process.stdout.write((await run("npm", ["run", "build", "--silent", "-w", "lambdas/outbox"], { cwd: root })).stdout);
const median = (times: readonly number[]) => `${percentile(times, 50).toFixed(0)} ms`.padStart(7);
const shown = (name: string, times: readonly Load[]) => {
  const elapsed = median(times.map(({ elapsedMs }) => elapsedMs));
  const cpu = median(times.map(({ cpuMs }) => cpuMs));
  process.stdout.write(`${name.padEnd(32)}p50 ${elapsed}   processor time ${cpu}\n`);
};
shown("the relay's bundle loads in", await loads({}));
shown("with OTEL_* variables", await loads({ OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:4318" }));
