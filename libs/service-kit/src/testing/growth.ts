import { hostileTexts } from "./hostile-texts.ts";

/** Milliseconds of CPU beyond what a short text costs. A quadratic reader takes ten times as long for a full header. */
const harmless = 20;
/** Twice the text doubles the cost of a linear reader and quadruples that of a quadratic one. */
const maxRatio = 2.6;
const confirmations = 5;

export interface Growth {
  /** Half as much as the largest text that is taken, in characters as they are sent. */
  readonly size: number;
  /** How the text looks as it is sent. */
  readonly encoded?: (text: string) => string;
  /** Has the text read, once. */
  readonly read: (text: string) => unknown;
}

/**
 * The text that costs this process more CPU than it may: over 2.6 times as much when it is twice as long. Undefined
 * when there is none. The best of several runs counts, so that other work of the process does not.
 */
export async function superlinearText({ size, encoded, read }: Growth): Promise<string | undefined> {
  const base = await bestOf(() => read("a"));
  const longer = hostileTexts(2 * size, encoded);
  for (const [index, text] of hostileTexts(size, encoded).entries()) {
    const twice = longer[index] ?? "";
    if ((await cpuOf(() => read(twice))) < base + harmless) continue;
    const long = (await bestOf(() => read(twice))) - base;
    if (long > harmless && long > maxRatio * ((await bestOf(() => read(text))) - base)) return text;
  }
  return undefined;
}

async function bestOf(work: () => unknown): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let run = 0; run < confirmations; run++) best = Math.min(best, await cpuOf(work));
  return best;
}

async function cpuOf(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}
