import { availableParallelism } from "node:os";
import { patchedCopy } from "./patched-copy.ts";
import { runHistories } from "./run-histories.ts";
import { runTests } from "./run-tests.ts";
import type { Sabotage } from "./sabotage.ts";

/** Always the same ones. The rarest of the sabotages shows in one of a hundred, so the most are hardly ever needed. */
const seed = 1;
const [some, most] = [300, 2_000];

export interface Verdict {
  readonly sabotage: Sabotage;
  readonly caught: boolean;
  /** What failed: tests, or findings; or why nothing could be run. */
  readonly red: readonly string[];
}

/** Whether the suite that a sabotage names goes red over it, for the reason that it names. */
export async function trySabotage(sabotage: Sabotage): Promise<Verdict> {
  const { patch, mustFail } = sabotage;
  try {
    await using copy = await patchedCopy(patch);
    const red =
      mustFail.suite === "histories"
        ? await runHistories(copy.root, { count: most, seed, until: mustFail.text })
        : await runTests(copy.root, [mustFail]);
    return { sabotage, red, caught: red.some((each) => each.includes(mustFail.text)) };
  } catch (error) {
    return { sabotage, red: [error instanceof Error ? error.message : String(error)], caught: false };
  }
}

/** What fails without a sabotage, in all that sabotages are caught by: nothing, or no verdict means anything. */
export async function tryNothing(sabotages: readonly Sabotage[]): Promise<string[]> {
  await using copy = await patchedCopy();
  const tests = sabotages.map(({ mustFail }) => mustFail).filter(({ suite }) => suite !== "histories");
  const found = await runHistories(copy.root, { count: some, seed });
  return [...found, ...(tests.length === 0 ? [] : await runTests(copy.root, tests))];
}

/** Does the work a few at a time, in order: contract tests wait more than they work. */
export async function fewAtATime<T>(work: readonly (() => Promise<T>)[]): Promise<T[]> {
  const results: Promise<T>[] = [];
  const left = work.entries();
  const lane = async () => {
    for (const [index, run] of left) {
      results[index] = run();
      await results[index];
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() + 1 }, lane));
  return Promise.all(results);
}
