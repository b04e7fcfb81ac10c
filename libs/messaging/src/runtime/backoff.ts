import type { Clock } from "./clock.ts";

/**
 * Delay before try number `attempt` (from 1): random between half of a bound and the bound, which doubles each time. The
 * randomness keeps callers that fail together from retrying together. `base`, `cap` and the result have the same unit.
 */
export function backoff(clock: Clock, attempt: number, { base, cap }: { base: number; cap: number }): number {
  const bound = Math.min(cap, base * 2 ** Math.min(attempt - 1, 30));
  return bound / 2 + clock.random() * (bound / 2);
}
