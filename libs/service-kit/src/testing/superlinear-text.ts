import { hostileTexts } from "./hostile-texts.ts";

/** Milliseconds of CPU above the cost of a short text. A quadratic reader takes ten times as long for a full header. */
const harmlessMs = 20;
/** Twice the text doubles the cost of a linear reader and quadruples that of a quadratic one. */
const maxRatio = 2.6;
/** Rounds after which a text may count as harmless. */
const minRounds = 5;
/** Rounds after which a text that is still out of proportion is a finding. */
const maxRounds = 12;

export interface SuperlinearTextOptions {
  /** Half of the longest accepted text, in characters after encoding. */
  readonly size: number;
  /** Encodes a text for sending. Default: the text itself. */
  readonly encode?: (text: string) => string;
  /** Reads the text once, on this thread. */
  readonly read: (text: string) => unknown;
}

/**
 * Returns the first text whose CPU cost grows more than 2.6-fold when its length doubles. Undefined when there is none. A text is
 * one of:
 * - cheap      one reading of the longer text costs less than 20 ms more than that of a short text
 * - harmless   the least costs of five or more rounds are in proportion to the length
 * - a finding  the least costs of all 12 rounds are not
 *
 * A round reads the text, the longer text and a short one in turn, so that a busy machine slows all of them. Other work of
 * this thread, such as compilation and garbage collection, adds to some rounds and not to the least ones. Other threads
 * do not count.
 */
export async function superlinearText({ size, encode, read }: SuperlinearTextOptions): Promise<string | undefined> {
  const longer = hostileTexts(2 * size, encode);
  const base = Math.min(await cpuMsOf(() => read("a")), await cpuMsOf(() => read("a")));
  for (const [index, text] of hostileTexts(size, encode).entries()) {
    const twice = longer[index] ?? "";
    if ((await cpuMsOf(() => read(twice))) < base + harmlessMs) continue;
    if (await growsTooFast([() => read("a"), () => read(text), () => read(twice)])) return text;
  }
  return undefined;
}

async function growsTooFast(readings: readonly (() => unknown)[]): Promise<boolean> {
  const minCpuMs = readings.map(() => Number.POSITIVE_INFINITY);
  for (let round = 1; round <= maxRounds; round++) {
    for (const [index, reading] of readings.entries()) {
      minCpuMs[index] = Math.min(minCpuMs[index] ?? 0, await cpuMsOf(reading));
    }
    const [base = 0, once = 0, twice = 0] = minCpuMs;
    const isHarmless = twice - base <= harmlessMs || twice - base <= maxRatio * (once - base);
    if (isHarmless && round >= minRounds) return false;
  }
  return true;
}

async function cpuMsOf(work: () => unknown): Promise<number> {
  const before = process.threadCpuUsage();
  await work();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1_000;
}
