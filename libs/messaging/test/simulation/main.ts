import { Misuse, readArguments } from "./arguments.ts";
import { live } from "./history.ts";
import type { Program } from "./program.ts";
import { described, runInParallel, summary } from "./run-in-parallel.ts";

/**
 * `npm run histories -- --count 1000000 [--seed 1]` lives through many histories, `--replay '<program>'` through one that
 * failed. Exit code 1 when the library broke a promise, or a kind of fault never struck; 2 when it was called wrongly.
 */
const say = (text: string) => process.stdout.write(`${text}\n`);

try {
  const { replay, count, seed } = readArguments(process.argv.slice(2));
  process.exitCode = replay === undefined ? await many(count, seed) : await one(replay);
} catch (error) {
  if (!(error instanceof Misuse)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}

async function many(count: number, seed: number): Promise<number> {
  const report = await runInParallel({
    count,
    seed,
    onFailure: (failure) => say(`${described(failure)}\nLooking for a smaller one, for half a minute at most.\n`),
  });
  const { coverage, failures } = report;
  say(`${summary(report)}\n`);
  for (const failure of failures) say(described(failure));
  if (coverage.missing.length > 0) say(`Never struck: ${coverage.missing.join(", ")}. Run more histories.`);
  return failures.length > 0 || coverage.missing.length > 0 ? 1 : 0;
}

async function one(program: Program): Promise<number> {
  const { findings, faults } = await live(program);
  for (const [kind, count] of faults) say(`${kind}: ${count}`);
  say(findings.length === 0 ? "Nothing was broken." : findings.join("\n"));
  return findings.length === 0 ? 0 : 1;
}
