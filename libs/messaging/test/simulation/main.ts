import { MisuseError, readArguments } from "./arguments.ts";
import { described, runInParallel, summary } from "./run-in-parallel.ts";
import { runScenario } from "./run-scenario.ts";
import type { Scenario } from "./scenario.ts";

/**
 * `npm run simulation -- --count 1000000 [--seed 1]` runs many scenarios; `--replay '<scenario>'` runs one that failed. Exit
 * code 1 when the library broke a guarantee, or a kind of fault never happened; 2 for wrong arguments.
 */
const print = (text: string) => process.stdout.write(`${text}\n`);

try {
  const { replay, count, seed } = readArguments(process.argv.slice(2));
  process.exitCode = replay === undefined ? await many(count, seed) : await one(replay);
} catch (error) {
  if (!(error instanceof MisuseError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}

async function many(count: number, seed: number): Promise<number> {
  const report = await runInParallel({
    count,
    seed,
    onFailure: (failure) => print(`${described(failure)}\nLooking for a smaller one, for half a minute at most.\n`),
  });
  const { coverage, failures } = report;
  print(`${summary(report)}\n`);
  for (const failure of failures) print(described(failure));
  if (coverage.missing.length > 0) print(`Never struck: ${coverage.missing.join(", ")}. Run more scenarios.`);
  return failures.length > 0 || coverage.missing.length > 0 ? 1 : 0;
}

async function one(scenario: Scenario): Promise<number> {
  const { findings, faults } = await runScenario(scenario);
  for (const [kind, count] of faults) print(`${kind}: ${count}`);
  print(findings.length === 0 ? "Nothing was broken." : findings.join("\n"));
  return findings.length === 0 ? 0 : 1;
}
