import { appendFileSync, readFileSync } from "node:fs";

/** Tests of one run. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Takes the variable out of the environment, so that a run inside of a test does not count itself. */
export function takeCountsFile(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const { COUNTS: file } = env;
  delete env.COUNTS;
  return file || undefined;
}

/**
 * Returns the line that ends a run and that a machine can read: `N passed, N failed`. With a file, which CI names in COUNTS for
 * all its runs, the line adds up the runs so far and this one.
 */
export function countsLine(counts: Counts, file: string | undefined): string {
  let runs = [counts];
  if (file !== undefined) {
    appendFileSync(file, `${JSON.stringify(counts)}\n`);
    runs = readFileSync(file, "utf8")
      .trim()
      .split("\n")
      .map((line): Counts => JSON.parse(line));
  }
  const sum = (name: keyof Counts) => runs.reduce((total, run) => total + run[name], 0);
  const skipped = sum("skipped");
  return `${sum("passed")} passed, ${sum("failed")} failed${skipped > 0 ? `, ${skipped} skipped` : ""}\n`;
}
