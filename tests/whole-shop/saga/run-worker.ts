import { parentPort, workerData } from "node:worker_threads";
import { runHistories } from "./run-histories.ts";

// Histories make many errors, whose stacks cost time. A replay runs outside of a worker and has stacks.
Error.stackTraceLimit = 0;

parentPort?.postMessage(await runHistories(workerData as { count: number; seed: number }));
