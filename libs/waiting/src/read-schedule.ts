import { spread } from "./sweep.ts";

/** Milliseconds from the start of a wait to the sweep's first read, and between reads in the long run. */
interface Pauses {
  readonly first: number;
  readonly longest: number;
}

/** For a process without hints. */
const pausesWithoutHints: Pauses = { first: 250, longest: 5_000 };

/**
 * For a process with hints, where a read finds a change only if its hint got lost. At 30 s, 10,000 awaited records cost
 * 333 strongly consistent reads a second, which is 20,000 read units a minute; at 5 s it would be 2,000 a second.
 */
const pausesWithHints: Pauses = { first: 1_000, longest: 30_000 };

/** The sweep reads no record sooner than this after another read. */
export const shortestPauseMs = pausesWithoutHints.first;

export interface Scheduled {
  /** When the first wait for the record started. Times are those of `performance.now()`. */
  readonly since: number;
  /** The instance to which hints about the record go; undefined: none come. */
  readonly instanceId: string | undefined;
}

/** When to read the record next: after half of the time that it has been awaited, within bounds and spread. */
export function nextReadAt(now: number, { since, instanceId }: Scheduled): number {
  const { first, longest } = instanceId === undefined ? pausesWithoutHints : pausesWithHints;
  return now + spread(Math.min(longest, Math.max(first, (now - since) / 2)));
}
