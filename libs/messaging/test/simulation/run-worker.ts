import { parentPort, workerData } from "node:worker_threads";
import { run } from "./run-scenarios.ts";

// Scenarios make many errors, whose stacks cost time. A replay runs outside of a worker and has stacks.
Error.stackTraceLimit = 0;

const { count, seed } = workerData as { count: number; seed: number };
const onFailure = (failed: unknown) => parentPort?.postMessage({ failed });
parentPort?.postMessage({ ended: await run({ count, seed, onFailure }) });
