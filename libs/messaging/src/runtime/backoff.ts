import type { Clock } from "./clock.ts";

/**
 * How long to wait before try number `attempt` (from 1): anywhere between half of and the whole of a bound that doubles
 * each time, so that those who failed together do not come back together.
 */
export function backoff(clock: Clock, attempt: number, { base, cap }: { base: number; cap: number }): number {
  const bound = Math.min(cap, base * 2 ** Math.min(attempt - 1, 30));
  return bound / 2 + clock.random() * (bound / 2);
}
