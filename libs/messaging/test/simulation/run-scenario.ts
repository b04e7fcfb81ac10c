import type { FaultKind } from "../../src/testing/faults.ts";
import { Harness } from "./harness.ts";
import type { CommittedEvent } from "./observations.ts";
import { findings } from "./oracle.ts";
import type { Scenario } from "./scenario.ts";
import { subscribers } from "./tables.ts";

export interface ScenarioResult {
  /** Broken guarantees; empty if there are none. */
  readonly findings: readonly string[];
  readonly faults: ReadonlyMap<FaultKind, number>;
  /** Events that were committed and handled by each subscriber. */
  readonly events: number;
}

const minute = 60_000;

/**
 * Runs a scenario, in these phases:
 * 1. faults  the producers run, and faults happen until a while after their end
 * 2. calm    no more faults: every event must be handled, but for the poisoned and refused aggregates
 * 3. mended  handler and topic accept everything: the other events must be handled too
 * 4. last    a while in which nothing may be handled twice
 */
export async function runScenario(scenario: Scenario): Promise<ScenarioResult> {
  const harness = new Harness(scenario);
  const { time, observations, aws } = harness;
  const isPoison = ({ aggregate }: CommittedEvent) => harness.isPoison(aggregate) || harness.isRefused(aggregate);
  const result = (found: readonly string[]): ScenarioResult => {
    harness.stop();
    return { findings: found, faults: aws.faults.counts, events: observations.events.length };
  };

  harness.start();
  const produced = await time.pass(() => !harness.producing, 30 * minute);
  if (!produced) return result(["a producer did not end"]);
  await time.pass(() => false, aws.random.integer(0, 10_000));
  aws.faults.cease();

  const othersHandled = await time.pass(() => observations.everythingHandled(subscribers, isPoison), 15 * minute);
  if (!othersHandled) return result([...missingEvents(harness, isPoison), ...findings(harness)]);
  harness.mend();
  const handled = await time.pass(() => observations.everythingHandled(subscribers), 15 * minute);
  if (!handled) return result([...missingEvents(harness), ...findings(harness)]);
  await time.pass(() => false, 20_000);
  return result(findings(harness));
}

function missingEvents(
  { observations }: Harness,
  excepted: (event: CommittedEvent) => boolean = () => false,
): string[] {
  return observations.events
    .filter((event) => !excepted(event))
    .flatMap(({ id, aggregate, text }) =>
      subscribers
        .filter((subscriber) => !observations.handled.has(`${subscriber}#${id}`))
        .map((subscriber) => `"${text}" of ${aggregate} never reached the ${subscriber}`),
    );
}
