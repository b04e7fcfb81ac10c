import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { freeStartPorts } from "@doubleshot/dev-shop";
import { serveFirstOrder } from "./first-order.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));

/** Times from typing `npm start`. */
export interface StartTime {
  /** Until the counter accepts orders. */
  readonly openMs: number;
  /** Until the first order is served. */
  readonly servedMs: number;
}

/** Runs the last step of `npm ci`. `compileCache` is Node's folder of compiled modules. */
export async function prepare(compileCache: string): Promise<void> {
  const env = { ...process.env, NODE_COMPILE_CACHE: compileCache };
  await promisify(execFile)("npm", ["run", "prepare"], { cwd: root, env });
}

/** Times `npm start` with empty data. */
export async function startTime(compileCache: string): Promise<StartTime> {
  const data = await mkdtemp(join(tmpdir(), "doubleshot-start-"));
  const { ports, env } = await freeStartPorts();
  const startedAt = performance.now();
  const npm = spawn("npm", ["start", "--", "--data", data], {
    cwd: root,
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...process.env, NODE_COMPILE_CACHE: compileCache, ...env },
  });
  const ended = once(npm, "exit");
  let openMs = 0;
  try {
    await serveFirstOrder({
      orders: `http://127.0.0.1:${ports.orders}`,
      barista: `http://127.0.0.1:${ports.barista}`,
      ended,
      onOpen: () => {
        openMs = performance.now() - startedAt;
      },
    });
    return { openMs, servedMs: performance.now() - startedAt };
  } finally {
    npm.kill("SIGTERM");
    await ended;
    await rm(data, { recursive: true, force: true });
  }
}
