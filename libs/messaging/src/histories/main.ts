import { parseArgs } from "node:util";
import { live } from "./history.ts";
import type { Program } from "./program.ts";
import { described, runInParallel } from "./run-in-parallel.ts";

/**
 * `npm run histories -- --count 1000000 [--seed 1]` lives through many histories, `--replay '<program>'` through one that
 * failed. Exit code 1 when the library broke a promise, or a kind of fault never struck.
 */
const { values } = parseArgs({
  options: { count: { type: "string", default: "10000" }, seed: { type: "string" }, replay: { type: "string" } },
});
const say = (text: string) => process.stdout.write(`${text}\n`);

process.exitCode = values.replay === undefined ? await many() : await one(JSON.parse(values.replay));

async function many(): Promise<number> {
  const [count, seed] = [Number(values.count), Number(values.seed ?? Date.now() % 2 ** 31)];
  if (!Number.isSafeInteger(count) || count < 1 || !Number.isSafeInteger(seed)) {
    say("--count takes a whole number from 1, --seed a whole number.");
    return 1;
  }
  const began = performance.now();
  const { histories, events, coverage, failures } = await runInParallel(count, seed);
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  say(
    `${histories.toLocaleString("en")} histories with ${events.toLocaleString("en")} events in ${seconds} s, seed ${seed}\n`,
  );
  say(`${coverage}\n`);
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
