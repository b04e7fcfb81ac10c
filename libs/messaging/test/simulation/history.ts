import type { FaultKind } from "../../src/testing/faults.ts";
import type { Program } from "./program.ts";
import { type CommittedEvent, subscribers } from "./truth.ts";
import { findings } from "./verdict.ts";
import { World } from "./world.ts";

export interface History {
  /** What it broke of what the library promises; empty when all is well. */
  readonly findings: readonly string[];
  readonly faults: ReadonlyMap<FaultKind, number>;
  /** Events that were committed and handled by each subscriber. */
  readonly events: number;
}

const minute = 60_000;

/**
 * Lives through a program. While its producers work and a while after, things *go wrong*; then they cease to, and all
 * that is not poison must be *handled* within a bound that has nothing to do with the poison. Then the poison is
 * *mended*, and all the rest must be handled too. A last while shows whether anything comes twice.
 */
export async function live(program: Program): Promise<History> {
  const world = new World(program);
  const { time, truth, aws } = world;
  const isPoison = ({ aggregate }: CommittedEvent) => world.isPoison(aggregate) || world.isRefused(aggregate);
  const result = (found: readonly string[]): History => {
    world.stop();
    return { findings: found, faults: aws.faults.counts, events: truth.events.length };
  };

  world.start();
  const produced = await time.pass(() => !world.producing, 30 * minute);
  if (!produced) return result(["a producer never came to its end"]);
  await time.pass(() => false, aws.random.integer(0, 10_000));
  aws.faults.cease();

  const othersHandled = await time.pass(() => truth.everythingHandled(subscribers, isPoison), 15 * minute);
  if (!othersHandled) return result([...missing(world, isPoison), ...findings(world)]);
  world.mend();
  const handled = await time.pass(() => truth.everythingHandled(subscribers), 15 * minute);
  if (!handled) return result([...missing(world), ...findings(world)]);
  await time.pass(() => false, 20_000);
  return result(findings(world));
}

function missing({ truth }: World, excepted: (event: CommittedEvent) => boolean = () => false): string[] {
  return truth.events
    .filter((event) => !excepted(event))
    .flatMap(({ id, aggregate, text }) =>
      subscribers
        .filter((subscriber) => !truth.handled.has(`${subscriber}#${id}`))
        .map((subscriber) => `"${text}" of ${aggregate} never reached the ${subscriber}`),
    );
}
