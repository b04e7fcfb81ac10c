import { availableParallelism } from "node:os";
import type { Mutant } from "./mutant.ts";
import { patchedCopy } from "./patched-copy.ts";
import { runScenarios } from "./run-scenarios.ts";
import { runTests } from "./run-tests.ts";

/** Scenarios for each mutant, and for the unchanged code. The rarest defect shows in one of a hundred scenarios. */
const [maxScenarios, unchangedScenarios] = [2_000, 300];
/** The same scenarios each time. */
const seed = 1;

export interface Trial {
  readonly mutant: Mutant;
  readonly isCaught: boolean;
  /** Failed tests or findings, or the reason why nothing ran. */
  readonly failures: readonly string[];
}

/** Runs the suite that the mutant names, and checks that it fails for the reason that the mutant names. */
export async function tryMutant(mutant: Mutant): Promise<Trial> {
  const { patch, mustFail } = mutant;
  try {
    await using copy = await patchedCopy(patch);
    const failures =
      mustFail.suite === "simulation"
        ? await runScenarios(copy.root, { count: maxScenarios, seed, until: mustFail.text })
        : await runTests(copy.root, [mustFail]);
    return { mutant, failures, isCaught: failures.some((each) => each.includes(mustFail.text)) };
  } catch (error) {
    return { mutant, failures: [error instanceof Error ? error.message : String(error)], isCaught: false };
  }
}

/** Returns the failures of the unchanged code in all these suites. If there are any, no trial proves anything. */
export async function tryUnchanged(mutants: readonly Mutant[]): Promise<string[]> {
  await using copy = await patchedCopy();
  const tests = mutants.map(({ mustFail }) => mustFail).filter(({ suite }) => suite !== "simulation");
  const found = await runScenarios(copy.root, { count: unchangedScenarios, seed });
  return [...found, ...(tests.length === 0 ? [] : await runTests(copy.root, tests))];
}

/** Runs the work in order, a few at a time: one more than there are cores, because contract tests mostly wait. */
export async function fewAtATime<T>(work: readonly (() => Promise<T>)[]): Promise<T[]> {
  const results: Promise<T>[] = [];
  const left = work.entries();
  const worker = async () => {
    for (const [index, run] of left) {
      results[index] = run();
      await results[index];
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() + 1 }, worker));
  return Promise.all(results);
}
