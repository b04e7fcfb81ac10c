import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { faultKinds } from "./history.ts";
import type { Failure, Run } from "./run-histories.ts";

export interface Report {
  readonly histories: number;
  readonly counts: ReadonlyMap<string, number>;
  /** Faults and states that never came about: the histories prove nothing of them. */
  readonly missing: readonly string[];
  readonly failures: readonly Failure[];
  readonly seed: number;
  readonly seconds: number;
}

/** States that histories must lead to. */
const states = [
  ...["PLACED", "BREWING", "COMPLETED", "CANCELLED", "REJECTED"].map((status) => `orders ${status}`),
  ...["RESERVED", "REFUSED", "CHARGED", "RELEASED"].map((status) => `customers-reservations ${status}`),
];

/** Distributes the histories to one worker for each core. Worker n has the seed `seed + n`. */
export async function runInParallel({ count, seed }: { count: number; seed: number }): Promise<Report> {
  const began = performance.now();
  const workers = availableParallelism();
  const share = Math.ceil(count / workers);
  const runs = await Promise.all(
    Array.from({ length: workers }, (_, n) => runInWorker({ count: share, seed: seed + n })),
  );
  const counts = new Map<string, number>();
  for (const [name, times] of runs.flatMap((run) => run.counts)) counts.set(name, (counts.get(name) ?? 0) + times);
  return {
    counts,
    seed,
    missing: [...faultKinds, ...states].filter((name) => !counts.has(name)),
    seconds: (performance.now() - began) / 1_000,
    histories: runs.reduce((sum, { histories }) => sum + histories, 0),
    failures: runs.flatMap(({ failure }) => failure ?? []),
  };
}

function runInWorker(workerData: { count: number; seed: number }): Promise<Run> {
  const worker = new Worker(new URL("./run-worker.ts", import.meta.url), { workerData });
  return new Promise((resolve, reject) => {
    worker.on("message", resolve);
    worker.on("error", reject);
    worker.on("exit", () => reject(new Error("A worker has exited before the end of its histories.")));
  });
}

/** Counts of faults and states, and the duration. */
export function summary({ histories, seconds, seed, counts }: Report): string {
  const width = Math.max(0, ...[...counts.keys()].map((name) => name.length));
  const lines = [...counts].map(([name, times]) => `${name.padEnd(width)} ${times.toLocaleString("en").padStart(12)}`);
  return `${lines.toSorted().join("\n")}\n\n${histories.toLocaleString("en")} histories in ${seconds.toFixed(1)} s, seed ${seed}`;
}

/** A failure's findings, and the command that replays it. */
export function described({ history, findings }: Failure): string {
  return `${findings.join("\n")}\n\nReplay it with:\n  npm run histories -- --replay '${JSON.stringify(history)}'\n`;
}
