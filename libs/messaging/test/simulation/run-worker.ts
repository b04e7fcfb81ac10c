import { parentPort, workerData } from "node:worker_threads";
import { run } from "./run.ts";

// Histories are full of errors, and nobody reads their stacks: a replay, which runs outside of workers, has them.
Error.stackTraceLimit = 0;

const { count, seed } = workerData as { count: number; seed: number };
const onFailure = (failed: unknown) => parentPort?.postMessage({ failed });
parentPort?.postMessage({ ended: await run({ count, seed, onFailure }) });
