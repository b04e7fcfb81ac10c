import fc from "fast-check";
import { Coverage } from "./coverage.ts";
import { type History, live } from "./history.ts";
import { aProgram, type Program } from "./program.ts";

export interface Run {
  readonly histories: number;
  readonly events: number;
  readonly faults: readonly (readonly [string, number])[];
  readonly failure: Failure | undefined;
}

/** A program that was found to fail, and what it broke. */
export interface Failure {
  readonly program: Program;
  readonly findings: readonly string[];
}

export interface RunOptions {
  readonly count: number;
  readonly seed: number;
  /** Told of a failure as it is found, before smaller ones are looked for. */
  readonly onFailure?: (failure: Failure) => void;
  /** Milliseconds to look for a smaller program that fails. Default half a minute. */
  readonly shrinkFor?: number;
  readonly lives?: (program: Program) => Promise<History>;
}

class Broken extends Error {
  readonly findings: readonly string[];

  constructor(findings: readonly string[]) {
    super(findings.join("\n"));
    this.findings = findings;
  }
}

/** Lives through so many histories, or until one of them fails; then, for a while, through variations of it, to find a smaller one. */
export async function run({ count, seed, onFailure, shrinkFor = 30_000, lives = live }: RunOptions): Promise<Run> {
  const coverage = new Coverage();
  let [histories, events] = [0, 0];
  let shrinkUntil: number | undefined;
  const fail = (program: Program, findings: readonly string[]): never => {
    if (shrinkUntil === undefined) onFailure?.({ program, findings });
    shrinkUntil ??= performance.now() + shrinkFor;
    throw new Broken(findings);
  };
  const property = fc.asyncProperty(aProgram, async (program) => {
    // What is not lived through counts as well: nothing smaller is found, and the search is over.
    if (shrinkUntil !== undefined && performance.now() >= shrinkUntil) return;
    const history = await lives(program).catch((error: unknown) => fail(program, [String(error)]));
    histories += 1;
    events += history.events;
    coverage.add(history.faults);
    if (history.findings.length > 0) fail(program, history.findings);
  });
  const { counterexample, errorInstance } = await fc.check(property, { numRuns: count, seed });
  const findings = errorInstance instanceof Broken ? errorInstance.findings : [String(errorInstance)];
  const failure = counterexample === null ? undefined : { program: counterexample[0], findings };
  return { histories, events, faults: coverage.entries, failure };
}
