import type { FakeAws } from "../../src/testing/fake-aws.ts";
import { isMarkerIndex } from "./observations.ts";
import type { Operator } from "./operator.ts";
import { subscribers, tables } from "./tables.ts";

export interface OperateOptions {
  readonly aws: FakeAws;
  readonly operator: Operator;
  /** Whether the topic accepts the aggregate's parked events. */
  readonly mayBeReleased: (aggregate: string) => boolean;
  readonly signal: AbortSignal;
}

/** Releases parked aggregates and redrives blocked groups, at random intervals. A group has one redrive at a time. */
export async function operate({ aws, operator, mayBeReleased, signal }: OperateOptions): Promise<void> {
  const { clock } = aws.process("operator");
  const redriving = new Set<string>();
  const redrive = (subscriber: string, group: string) => {
    const name = `${subscriber} ${group}`;
    if (redriving.has(name)) return;
    redriving.add(name);
    void operator.redrive(subscriber, group).finally(() => redriving.delete(name));
  };
  while (!signal.aborted) {
    await clock.sleep(aws.random.integer(1_000, 10_000));
    for (const aggregate of parkedIn(aws)) if (mayBeReleased(aggregate)) await operator.release(aggregate);
    for (const subscriber of subscribers) {
      for (const group of operator.deadGroups(subscriber)) redrive(subscriber, group);
    }
  }
}

function parkedIn({ dynamodb }: FakeAws): Set<string> {
  const items = dynamodb.table(tables.parked).sorted();
  return new Set(items.filter((item) => !isMarkerIndex(item)).map(({ aggregate }) => aggregate?.S ?? ""));
}
