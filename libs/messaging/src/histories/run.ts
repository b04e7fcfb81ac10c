import fc from "fast-check";
import { Coverage } from "./coverage.ts";
import { live } from "./history.ts";
import { aProgram, type Program } from "./program.ts";

export interface Run {
  readonly histories: number;
  readonly events: number;
  readonly faults: readonly (readonly [string, number])[];
  readonly failure: Failure | undefined;
}

/** The smallest program that was found to fail, and what it broke. */
export interface Failure {
  readonly program: Program;
  readonly findings: readonly string[];
}

class Broken extends Error {
  readonly findings: readonly string[];

  constructor(findings: readonly string[]) {
    super(findings.join("\n"));
    this.findings = findings;
  }
}

/** Lives through so many histories, or until one of them fails; then through variations of it, to find a smaller one. */
export async function run(count: number, seed: number): Promise<Run> {
  const coverage = new Coverage();
  let [histories, events] = [0, 0];
  const property = fc.asyncProperty(aProgram, async (program) => {
    const history = await live(program);
    histories += 1;
    events += history.events;
    coverage.add(history.faults);
    if (history.findings.length > 0) throw new Broken(history.findings);
  });
  const { counterexample, errorInstance } = await fc.check(property, { numRuns: count, seed });
  const findings = errorInstance instanceof Broken ? errorInstance.findings : [String(errorInstance)];
  const failure = counterexample === null ? undefined : { program: counterexample[0], findings };
  return { histories, events, faults: coverage.entries, failure };
}
