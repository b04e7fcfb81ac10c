import { parentPort, workerData } from "node:worker_threads";
import { run } from "./run.ts";

const { count, seed } = workerData as { count: number; seed: number };
parentPort?.postMessage(await run(count, seed));
