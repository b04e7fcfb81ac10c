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
const load = `const at = performance.now(); await import(${JSON.stringify(bundle)}); console.log(performance.now() - at);`;
const settings = {
  TOPIC_ARN: "arn:aws:sns:us-east-1:123456789012:doubleshot-orders-events.fifo",
  SOURCE: "/doubleshot/orders",
  PARKED_TABLE: "doubleshot-orders-parked",
  AWS_REGION: "us-east-1",
};

/** Milliseconds of each run, without Node's compile cache, which Lambda does not have. */
async function loads(env: Readonly<Record<string, string>>): Promise<number[]> {
  const times: number[] = [];
  for (let n = 0; n < runs; n++) {
    const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", load], {
      env: { PATH: process.env.PATH, ...settings, ...env },
    });
    times.push(Number(stdout));
  }
  return times;
}

process.stdout.write((await run("npm", ["run", "build", "--silent", "-w", "lambdas/outbox"], { cwd: root })).stdout);
const shown = (name: string, times: readonly number[]) =>
  process.stdout.write(
    `${name.padEnd(32)}p50 ${percentile(times, 50).toFixed(0)} ms   worst ${Math.max(...times).toFixed(0)} ms\n`,
  );
shown("the relay's bundle loads in", await loads({}));
shown("with OTEL_* variables", await loads({ OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:4318" }));
