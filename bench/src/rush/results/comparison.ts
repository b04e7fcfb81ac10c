import { percentile } from "../percentile.ts";
import type { RunResult } from "../runs.ts";

/** Share by which the attacker may lengthen the customers' p95 wait. */
export const maxGrowth = 0.1;
/** Rushes of each kind that a conclusion needs. */
const minRushes = 3;

export interface Comparison {
  /** Median p95 waits in milliseconds. */
  readonly calm: number;
  readonly attacked: number;
  /** 0.1: customers in attacked rushes wait a tenth longer. */
  readonly growth: number;
  /** Spread of the calm rushes: the slowest minus the quickest, as a share of the median. */
  readonly noise: number;
  /**
   * - within   the growth is at most `maxGrowth`
   * - over     the growth is more, and every attacked rush was slower than every calm one
   * - unclear  the growth is more, but the two kinds overlap, or there were too few rushes
   */
  readonly verdict: "within" | "over" | "unclear";
}

/**
 * Compares attacked rushes with calm ones, without those that were cut short or had one address for all customers. Returns
 * undefined unless there is at least one of each kind.
 */
export function compare(
  results: readonly Pick<RunResult, "attack" | "hasOneAddress" | "waitMs" | "cutShort">[],
): Comparison | undefined {
  const own = results.filter(({ hasOneAddress, cutShort }) => !hasOneAddress && cutShort === undefined);
  const waits = (attacked: boolean) =>
    own.filter(({ attack }) => (attack !== undefined) === attacked).map(({ waitMs }) => waitMs.p95);
  const [calmWaits, attackedWaits] = [waits(false), waits(true)];
  if (calmWaits.length === 0 || attackedWaits.length === 0) return undefined;
  const [calm, attacked] = [percentile(calmWaits, 50), percentile(attackedWaits, 50)];
  const growth = (attacked - calm) / calm;
  const noise = (Math.max(...calmWaits) - Math.min(...calmWaits)) / calm;
  const apart = Math.min(...attackedWaits) > Math.max(...calmWaits);
  const enough = Math.min(calmWaits.length, attackedWaits.length) >= minRushes;
  const verdict = growth <= maxGrowth ? "within" : apart && enough ? "over" : "unclear";
  return { calm, attacked, growth, noise, verdict };
}
