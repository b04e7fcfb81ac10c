import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { Coverage } from "./coverage.ts";
import type { Failure, Run } from "./run.ts";

export interface Report {
  readonly histories: number;
  readonly events: number;
  readonly coverage: Coverage;
  readonly failures: readonly Failure[];
  readonly seed: number;
  readonly seconds: number;
}

export interface ParallelOptions {
  readonly count: number;
  readonly seed: number;
  /** Told of each failure as it is found; the report has smaller ones, if there are any. */
  readonly onFailure: (failure: Failure) => void;
  readonly workers?: number;
}

/** Shares the histories out among the machine's cores; each worker's seed follows from the given one. */
export async function runInParallel({
  count,
  seed,
  onFailure,
  workers = availableParallelism(),
}: ParallelOptions): Promise<Report> {
  const began = performance.now();
  const share = Math.ceil(count / workers);
  const runs = await Promise.all(
    Array.from({ length: workers }, (_, index) => runInWorker({ count: share, seed: seed + index }, onFailure)),
  );
  const coverage = new Coverage();
  for (const { faults } of runs) coverage.add(faults);
  return {
    coverage,
    seed,
    seconds: (performance.now() - began) / 1000,
    histories: runs.reduce((sum, { histories }) => sum + histories, 0),
    events: runs.reduce((sum, { events }) => sum + events, 0),
    failures: runs.flatMap(({ failure }) => failure ?? []),
  };
}

function runInWorker(
  workerData: { count: number; seed: number },
  onFailure: ParallelOptions["onFailure"],
): Promise<Run> {
  const worker = new Worker(new URL("./run-worker.ts", import.meta.url), { workerData });
  return new Promise((resolve, reject) => {
    worker.on("message", ({ failed, ended }: { failed?: Failure; ended?: Run }) => {
      if (failed) onFailure(failed);
      if (ended) resolve(ended);
    });
    worker.on("error", reject);
    worker.on("exit", () => reject(new Error("A worker has exited before its histories were over.")));
  });
}

/** What was done, how often each kind of fault has struck, and how long it took. */
export function summary({ histories, events, seconds, seed, coverage }: Report): string {
  const [lived, committed] = [histories, events].map((count) => count.toLocaleString("en"));
  return `${coverage}\n\n${lived} histories with ${committed} events in ${seconds.toFixed(1)} s, seed ${seed}`;
}

/** What to say of a failure, so that it can be lived through again. */
export function described({ program, findings }: Failure): string {
  return `${findings.join("\n")}\n\nReplay it with:\n  npm run histories -- --replay '${JSON.stringify(program)}'\n`;
}
