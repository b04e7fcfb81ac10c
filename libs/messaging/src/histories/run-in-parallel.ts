import { once } from "node:events";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { Coverage } from "./coverage.ts";
import type { Failure, Run } from "./run.ts";

export interface Report {
  readonly histories: number;
  readonly events: number;
  readonly coverage: Coverage;
  readonly failures: readonly Failure[];
}

/** Shares the histories out among the machine's cores; each worker's seed follows from the given one. */
export async function runInParallel(count: number, seed: number, workers = availableParallelism()): Promise<Report> {
  const share = Math.ceil(count / workers);
  const runs = await Promise.all(Array.from({ length: workers }, (_, index) => runInWorker(share, seed + index)));
  const coverage = new Coverage();
  for (const { faults } of runs) coverage.add(faults);
  return {
    coverage,
    histories: runs.reduce((sum, { histories }) => sum + histories, 0),
    events: runs.reduce((sum, { events }) => sum + events, 0),
    failures: runs.flatMap(({ failure }) => failure ?? []),
  };
}

async function runInWorker(count: number, seed: number): Promise<Run> {
  const worker = new Worker(new URL("./run-worker.ts", import.meta.url), { workerData: { count, seed } });
  const [result] = (await once(worker, "message")) as [Run];
  return result;
}

/** What to say of a failure, so that it can be lived through again. */
export function described({ program, findings }: Failure): string {
  return `${findings.join("\n")}\n\nReplay it with:\n  npm run histories -- --replay '${JSON.stringify(program)}'\n`;
}
