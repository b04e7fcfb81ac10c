import { access, constants, mkdtemp, rm, writeFile } from "node:fs/promises";
import { loadavg, tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { readArguments } from "./command-line.ts";
import { measure } from "./growth/measure.ts";
import { isHeld, metrics, type Sample, table } from "./growth/metrics.ts";
import { plot } from "./growth/plot.ts";

// npm run growth -w bench -- --orders 0,10000,100000: whether a shop on disk becomes slower with its own history. The
// exit code is 1 when a value is more than 20 % worse than without history.

const {
  measured,
  plot: image,
  orders = "0,10000,100000",
} = readArguments("growth", { measured: { min: 100, default: 1_500 } }, ["orders", "plot"]);
const histories = historiesOf(orders);
const plotFile = image === undefined ? undefined : await writablePath(image);
const interrupted = new AbortController();
// The terminal sends Ctrl-C to every process, and npm sends it once more. The second signal changes nothing.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => interrupted.abort());

const report = (line: string) => process.stderr.write(`${line}\n`);
const folder = await mkdtemp(join(tmpdir(), "doubleshot-growth-"));
try {
  const { signal } = interrupted;
  report(`Load of the machine at the beginning: ${loadavg()[0]?.toFixed(2)}.`);
  const samples: Sample[] = await measure({ folder, histories, measured, signal, report });
  process.stdout.write(`${table(samples)}\n`);
  if (plotFile !== undefined) await writeFile(plotFile, plot(samples));
  const [first] = samples;
  const isGrowing = samples.some((sample) => first && metrics.some((metric) => !isHeld(metric, first, sample)));
  process.exitCode = isGrowing ? 1 : 0;
} catch (error) {
  if (!interrupted.signal.aborted) throw error;
  report("Interrupted: the shop is closed and its data are gone.");
  process.exitCode = 130;
} finally {
  await rm(folder, { recursive: true, force: true });
}

function historiesOf(text: string): number[] {
  const numbers = text.split(",").map(Number);
  const isAscending = numbers.every((each, index) => index === 0 || each > (numbers[index - 1] ?? 0));
  if (/^\d{1,9}(,\d{1,9})*$/.test(text) && isAscending) return numbers;
  process.stderr.write(
    `--orders is ${JSON.stringify(text)}: give ascending numbers of orders, such as 0,10000,100000.\n`,
  );
  process.exit(2);
}

/** Resolves a path as the shell would: npm runs scripts in the workspace's folder. Checked first, because a run takes minutes. */
async function writablePath(path: string): Promise<string> {
  const file = resolve(process.env.INIT_CWD ?? ".", path);
  try {
    await access(dirname(file), constants.W_OK);
    return file;
  } catch {
    process.stderr.write(`--plot is ${JSON.stringify(path)}, and the folder ${dirname(file)} cannot be written to.\n`);
    process.exit(2);
  }
}
