import { spread } from "./sweep.ts";

interface Pauses {
  /** From the start of a wait to the sweep's first read. */
  readonly firstMs: number;
  /** Between reads in the long run. */
  readonly longestMs: number;
}

/** For a process without hints. */
const pausesWithoutHints: Pauses = { firstMs: 250, longestMs: 5_000 };

/**
 * For a process with hints, where a read finds a change only if its hint got lost. At 30 s, 10,000 awaited records cost
 * 333 strongly consistent reads a second, which is 20,000 read units a minute; at 5 s it would be 2,000 a second.
 */
const pausesWithHints: Pauses = { firstMs: 1_000, longestMs: 30_000 };

/** The sweep reads no record sooner than this after another read. */
export const shortestPauseMs = pausesWithoutHints.firstMs;

export interface Scheduled {
  /** When the first wait for the record started. Times are those of `performance.now()`. */
  readonly since: number;
  /** The instance to which hints about the record go; undefined: none come. */
  readonly instanceId: string | undefined;
}

/** When to read the record next: after half of the time that it has been awaited, within bounds and with a random spread. */
export function nextReadAt(now: number, { since, instanceId }: Scheduled): number {
  const { firstMs, longestMs } = instanceId === undefined ? pausesWithoutHints : pausesWithHints;
  return now + spread(Math.min(longestMs, Math.max(firstMs, (now - since) / 2)));
}
