import fc from "fast-check";
import { Coverage } from "./coverage.ts";
import { runScenario, type ScenarioResult } from "./run-scenario.ts";
import { anyScenario, type Scenario } from "./scenario.ts";

export interface Run {
  readonly scenarios: number;
  readonly events: number;
  readonly faults: readonly (readonly [string, number])[];
  readonly failure: Failure | undefined;
}

/** A scenario that failed, and its findings. */
export interface Failure {
  readonly scenario: Scenario;
  readonly findings: readonly string[];
}

export interface RunOptions {
  readonly count: number;
  readonly seed: number;
  /** Called for the first failure, before the search for a smaller scenario. */
  readonly onFailure?: (failure: Failure) => void;
  /** Milliseconds of the search for a smaller scenario that fails. Default half a minute. */
  readonly shrinkForMs?: number;
  readonly runOne?: (scenario: Scenario) => Promise<ScenarioResult>;
}

class BrokenGuaranteesError extends Error {
  readonly findings: readonly string[];

  constructor(findings: readonly string[]) {
    super(findings.join("\n"));
    this.findings = findings;
  }
}

/** Runs that many scenarios, until one fails. Then runs variations of it for a while, to find a smaller one that fails. */
export async function run({
  count,
  seed,
  onFailure,
  shrinkForMs = 30_000,
  runOne = runScenario,
}: RunOptions): Promise<Run> {
  const coverage = new Coverage();
  let [scenarios, events] = [0, 0];
  let shrinkUntil: number | undefined;
  const fail = (scenario: Scenario, findings: readonly string[]): never => {
    if (shrinkUntil === undefined) onFailure?.({ scenario, findings });
    shrinkUntil ??= performance.now() + shrinkForMs;
    throw new BrokenGuaranteesError(findings);
  };
  const property = fc.asyncProperty(anyScenario, async (scenario) => {
    // The time is up. A variation that does not run counts as passed, so the search ends.
    if (shrinkUntil !== undefined && performance.now() >= shrinkUntil) return;
    const result = await runOne(scenario).catch((error: unknown) => fail(scenario, [String(error)]));
    scenarios += 1;
    events += result.events;
    coverage.add(result.faults);
    if (result.findings.length > 0) fail(scenario, result.findings);
  });
  const { counterexample, errorInstance } = await fc.check(property, { numRuns: count, seed });
  const findings = errorInstance instanceof BrokenGuaranteesError ? errorInstance.findings : [String(errorInstance)];
  const failure = counterexample === null ? undefined : { scenario: counterexample[0], findings };
  return { scenarios, events, faults: coverage.entries, failure };
}
