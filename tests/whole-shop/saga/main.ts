import { parseArgs } from "node:util";
import type { History } from "./history.ts";
import { runHistory } from "./run-history.ts";
import { described, runInParallel, summary } from "./run-in-parallel.ts";

/**
 * `npm run histories -- --count 100000 [--seed 1]` runs many histories of orders on account; `--replay '<history>'` runs one
 * that failed. Exit code 1 when a guarantee was broken, or a kind of fault never happened.
 */
const print = (text: string) => process.stdout.write(`${text}\n`);

const { values } = parseArgs({
  options: { count: { type: "string", default: "1000" }, seed: { type: "string" }, replay: { type: "string" } },
});
process.exitCode = values.replay === undefined ? await many() : await one(JSON.parse(values.replay));

async function many(): Promise<number> {
  const report = await runInParallel({
    count: Number(values.count),
    seed: Number(values.seed ?? Date.now() % 2 ** 31),
  });
  print(`${summary(report)}\n`);
  for (const failure of report.failures) print(described(failure));
  if (report.missing.length > 0) print(`Never came about: ${report.missing.join(", ")}. Run more histories.`);
  return report.failures.length > 0 || report.missing.length > 0 ? 1 : 0;
}

async function one(history: History): Promise<number> {
  const { findings, counts } = await runHistory(history);
  for (const [name, count] of counts) print(`${name}: ${count}`);
  print(findings.length === 0 ? "Nothing was broken." : findings.join("\n"));
  return findings.length === 0 ? 0 : 1;
}
