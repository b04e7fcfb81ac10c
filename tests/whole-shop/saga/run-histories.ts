import fc from "fast-check";
import { anyHistory, type History } from "./history.ts";
import { type HistoryResult, runHistory } from "./run-history.ts";

export interface Failure {
  readonly history: History;
  readonly findings: readonly string[];
}

export interface Run {
  readonly histories: number;
  readonly counts: readonly (readonly [string, number])[];
  readonly failure: Failure | undefined;
}

export interface RunOptions {
  readonly count: number;
  readonly seed: number;
  readonly runOne?: (history: History) => Promise<HistoryResult>;
}

/** Milliseconds of the search for a smaller history that fails. */
const shrinkForMs = 30_000;

class BrokenError extends Error {
  override readonly name = "BrokenError";
  readonly findings: readonly string[];

  constructor(findings: readonly string[]) {
    super(findings.join("\n"));
    this.findings = findings;
  }
}

/** Runs that many histories, until one fails. Then runs variations of it for a while, to find a smaller one that fails. */
export async function runHistories({ count, seed, runOne = runHistory }: RunOptions): Promise<Run> {
  const counts = new Map<string, number>();
  let histories = 0;
  let shrinkUntil: number | undefined;
  const property = fc.asyncProperty(anyHistory, async (history) => {
    // The time is up. A variation that does not run counts as passed, so the search ends.
    if (shrinkUntil !== undefined && performance.now() >= shrinkUntil) return;
    const result = await runOne(history).catch((error: unknown) => ({ findings: [String(error)], counts: new Map() }));
    if (result.findings.length > 0) {
      shrinkUntil ??= performance.now() + shrinkForMs;
      throw new BrokenError(result.findings);
    }
    histories += 1;
    for (const [name, times] of result.counts) counts.set(name, (counts.get(name) ?? 0) + times);
  });
  const { counterexample, errorInstance } = await fc.check(property, { numRuns: count, seed });
  const findings = errorInstance instanceof BrokenError ? errorInstance.findings : [String(errorInstance)];
  const failure = counterexample === null ? undefined : { history: counterexample[0], findings };
  return { histories, counts: [...counts], failure };
}
