/** Milliseconds from the beginning of a wait to the first look of the sweep, and between looks in the long run. */
interface Looks {
  readonly first: number;
  readonly longest: number;
}

/** For a process that nobody tells of anything. */
const looksWithoutHints: Looks = { first: 250, longest: 5_000 };

/**
 * For one that is told by hints, so that a look finds something only when a hint got lost. At 30 s, 10,000 outstanding
 * orders cost 333 strongly consistent reads a second, 20,000 read units a minute; at 5 s it would be 2,000 a second.
 */
const looksWithHints: Looks = { first: 1_000, longest: 30_000 };

/** No order is looked at sooner than this after another look. */
export const shortestLook = looksWithoutHints.first;

interface WaitedFor {
  /** On the clock of `performance.now()`, as are `now` and the result of `lookAfter`. */
  readonly since: number;
  /** Undefined: no hint will come. */
  readonly address: string | undefined;
}

/** Half of what the order has waited already, within bounds; spread, so that a rush is not read in one go. */
export function lookAfter(now: number, { since, address }: WaitedFor): number {
  const { first, longest } = address === undefined ? looksWithoutHints : looksWithHints;
  return now + Math.min(longest, Math.max(first, (now - since) / 2)) * (0.75 + Math.random() / 2);
}
