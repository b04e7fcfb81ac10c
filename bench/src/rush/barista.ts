import { setTimeout as sleep } from "node:timers/promises";
import { type BaristaEvents, createBarista } from "@doubleshot/barista-client";

export interface RushBarista {
  /** Where the bar is; the first until it fails. */
  readonly bar: readonly string[];
  /** Milliseconds the next brew takes. */
  readonly brewTime: () => number;
  readonly events: BaristaEvents;
}

/** A barista who takes the next ticket, lets it take its time, and says that it is finished, until the signal. */
export function work({ bar, brewTime, events }: RushBarista, signal: AbortSignal): Promise<void> {
  const brew = async () => {
    await sleep(brewTime(), undefined, { signal });
  };
  // When the rush is over, what is still in hand is nobody's who waits.
  return createBarista({ url: bar, brew, events, signal, abandon: signal }).closed;
}
