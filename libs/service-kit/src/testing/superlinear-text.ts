import { hostileTexts } from "./hostile-texts.ts";

/** Milliseconds of CPU beyond what a short text costs. A quadratic reader takes ten times as long for a full header. */
const harmlessMs = 20;
/** Twice the text doubles the cost of a linear reader and quadruples that of a quadratic one. */
const maxRatio = 2.6;
/** Rounds after which a text may count as harmless. */
const minRounds = 5;
/** Rounds in which a text must look harmful to be a finding. */
const maxRounds = 12;

export interface SuperlinearTextOptions {
  /** Half as much as the largest text that is taken, in characters as they are sent. */
  readonly size: number;
  /** How the text looks as it is sent. */
  readonly encoded?: (text: string) => string;
  /** Has the text read, once, by this thread. */
  readonly read: (text: string) => unknown;
}

/**
 * Returns the text that costs this thread more CPU than it may: over 2.6 times as much when it is twice as long. Undefined
 * when there is none. A text is one of:
 * - cheap      one reading of the longer text costs hardly more than that of a short text
 * - harmless   the least of five or more rounds is in proportion
 * - a finding  the least of all 12 rounds is not
 *
 * A round reads the text, the longer text and a short one in turn, so that a busy machine slows all of them. Other work of
 * this thread, such as compilation and garbage collection, adds to some rounds and not to the least ones. Other threads
 * do not count.
 */
export async function superlinearText({ size, encoded, read }: SuperlinearTextOptions): Promise<string | undefined> {
  const longer = hostileTexts(2 * size, encoded);
  const base = Math.min(await cpuMsOf(() => read("a")), await cpuMsOf(() => read("a")));
  for (const [index, text] of hostileTexts(size, encoded).entries()) {
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
