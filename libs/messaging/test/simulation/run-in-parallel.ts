import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { Coverage } from "./coverage.ts";
import type { Failure, Run } from "./run-scenarios.ts";

export interface Report {
  readonly scenarios: number;
  readonly events: number;
  readonly coverage: Coverage;
  readonly failures: readonly Failure[];
  readonly seed: number;
  readonly seconds: number;
}

export interface ParallelOptions {
  readonly count: number;
  readonly seed: number;
  /** Called for each failure when it is found. The report has a smaller scenario that fails, if there is one. */
  readonly onFailure: (failure: Failure) => void;
  readonly workers?: number;
}

/** Distributes the scenarios to one worker for each core. Worker n has the seed `seed + n`. */
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
    scenarios: runs.reduce((sum, { scenarios }) => sum + scenarios, 0),
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
    worker.on("exit", () => reject(new Error("A worker has exited before the end of its scenarios.")));
  });
}

/** Counts of scenarios, events and faults, and the duration. */
export function summary({ scenarios, events, seconds, seed, coverage }: Report): string {
  const [run, committed] = [scenarios, events].map((count) => count.toLocaleString("en"));
  return `${coverage}\n\n${run} scenarios with ${committed} events in ${seconds.toFixed(1)} s, seed ${seed}`;
}

/** A failure's findings, and the command that replays it. */
export function described({ scenario, findings }: Failure): string {
  return `${findings.join("\n")}\n\nReplay it with:\n  npm run simulation -- --replay '${JSON.stringify(scenario)}'\n`;
}
