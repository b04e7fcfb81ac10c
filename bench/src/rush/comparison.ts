import { percentile } from "./percentile.ts";
import type { RunResult } from "./runs.ts";

/** By how much the attacker may lengthen the regulars' p95 wait. */
export const mostGrowth = 0.1;
/** Rushes of either kind without which nothing is concluded. */
const fewest = 3;

export interface Comparison {
  /** Median p95 waits in milliseconds. */
  readonly calm: number;
  readonly attacked: number;
  /** 0.1: the attacked wait a tenth longer. */
  readonly growth: number;
  /** By how much the calm rushes differ among themselves: the slowest beyond the quickest, as a share of the median. */
  readonly noise: number;
  /**
   * `within`: the growth is at most what it may be. `over`: it is more, and every attacked rush was slower than every calm
   * one. `unclear`: it is more, but so do rushes differ here anyway, or there were too few.
   */
  readonly verdict: "within" | "over" | "unclear";
}

/** Compares rushes under attack with calm ones of the same kind, but for those cut short; undefined when there are none of either. */
export function compare(
  results: readonly Pick<RunResult, "attack" | "oneAddress" | "wait" | "cutShort">[],
): Comparison | undefined {
  const own = results.filter(({ oneAddress, cutShort }) => !oneAddress && cutShort === undefined);
  const waits = (attacked: boolean) =>
    own.filter(({ attack }) => (attack !== undefined) === attacked).map(({ wait }) => wait.p95);
  const [calmWaits, attackedWaits] = [waits(false), waits(true)];
  if (calmWaits.length === 0 || attackedWaits.length === 0) return undefined;
  const [calm, attacked] = [percentile(calmWaits, 50), percentile(attackedWaits, 50)];
  const growth = (attacked - calm) / calm;
  const noise = (Math.max(...calmWaits) - Math.min(...calmWaits)) / calm;
  const apart = Math.min(...attackedWaits) > Math.max(...calmWaits);
  const enough = Math.min(calmWaits.length, attackedWaits.length) >= fewest;
  const verdict = growth <= mostGrowth ? "within" : apart && enough ? "over" : "unclear";
  return { calm, attacked, growth, noise, verdict };
}
