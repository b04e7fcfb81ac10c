import { setTimeout as sleep } from "node:timers/promises";
import { type BaristaEvents, createBarista } from "@doubleshot/barista-client";

export interface RushBarista {
  /** Addresses of the bar. The first is used until it fails. */
  readonly bar: readonly string[];
  /** With the role barista, where the bar asks for one. */
  readonly token?: string | undefined;
  /** Duration of the next brew. */
  readonly brewTimeMs: () => number;
  readonly events: BaristaEvents;
}

/** Claims the next ticket, brews it for its time and finishes it, until the signal. */
export function work({ bar, token, brewTimeMs, events }: RushBarista, signal: AbortSignal): Promise<void> {
  const brew = async () => {
    await sleep(brewTimeMs(), undefined, { signal });
  };
  // When the rush is over, no customer waits for the tickets in hand.
  return createBarista({ url: bar, ...(token && { token }), brew, events, signal, abandon: signal }).closed;
}
