import { readArguments } from "@doubleshot/bench/command-line";
import type { History } from "./history.ts";
import { runHistory } from "./run-history.ts";
import { described, runInParallel, summary } from "./run-in-parallel.ts";

/**
 * `npm run histories -- --count 100000 [--seed 1]` runs many histories of orders on account; `--replay '<history>'` runs one
 * that failed. Exit code 1 when a guarantee was broken, or a kind of fault never happened; 2 for wrong arguments.
 */
const print = (text: string) => process.stdout.write(`${text}\n`);

const numbers = { count: { min: 1, default: 1_000 }, seed: { min: 0, default: Date.now() % 1e9 } };
const { count, seed, replay } = readArguments("histories", numbers, ["replay"]);
const history = replay === undefined ? undefined : historyOf(replay);
if (history !== "none") process.exitCode = history === undefined ? await many() : await one(history);
else {
  process.stderr.write("--replay takes a history as a failed run prints it, in single quotes.\n");
  process.exitCode = 2;
}

function historyOf(text: string): History | "none" {
  try {
    const found = JSON.parse(text) as Partial<History>;
    return Array.isArray(found.clients) && Array.isArray(found.faults) ? (found as History) : "none";
  } catch {
    return "none";
  }
}

async function many(): Promise<number> {
  const report = await runInParallel({ count, seed });
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
