import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { freeStartPorts } from "@doubleshot/dev-shop";
import { type Answer, call } from "../rush/call.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));

/** Milliseconds from typing `npm start`. */
export interface StartTime {
  /** Until the counter accepts orders. */
  readonly open: number;
  /** Until the first order is served. */
  readonly served: number;
}

/** Runs the last step of `npm ci`. `compileCache` is Node's folder of compiled modules. */
export async function prepare(compileCache: string): Promise<void> {
  const env = { ...process.env, NODE_COMPILE_CACHE: compileCache };
  await promisify(execFile)("npm", ["run", "prepare"], { cwd: root, env });
}

/**
 * Times `npm start` with empty data. A customer orders as soon as the shop answers, and a barista finishes the order as soon
 * as it is at the bar.
 */
export async function startTime(compileCache: string): Promise<StartTime> {
  const data = await mkdtemp(join(tmpdir(), "doubleshot-start-"));
  const {
    ports: { orders, barista },
    env,
  } = await freeStartPorts();
  const startedAt = performance.now();
  const shop = spawn("npm", ["start", "--", "--data", data], {
    cwd: root,
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...process.env, NODE_COMPILE_CACHE: compileCache, ...env },
  });
  const closed = once(shop, "exit");
  const failed = closed.then(([code]) => Promise.reject(new Error(`npm start ended with code ${code}.`)));
  failed.catch(() => undefined);
  try {
    await Promise.race([failed, until(() => call({ method: "GET", url: `http://127.0.0.1:${orders}/readyz` }), 200)]);
    const open = performance.now() - startedAt;
    const customer = call({ method: "POST", url: `http://127.0.0.1:${orders}/order/` });
    const { body } = await until(() => call({ method: "GET", url: `http://127.0.0.1:${barista}/start/` }), 200);
    const { order_id: id } = Object.assign({ order_id: "" }, body);
    await call({ method: "POST", url: `http://127.0.0.1:${barista}/finish/?order_id=${id}` });
    const { status } = await customer;
    if (status !== 200) throw new Error(`The first customer got ${status}.`);
    return { open, served: performance.now() - startedAt };
  } finally {
    shop.kill("SIGTERM");
    await closed;
    await rm(data, { recursive: true, force: true });
  }
}

/** Retries every 5 ms, also while no process listens, until the answer has the status. */
async function until(ask: () => Promise<Answer>, status: number): Promise<Answer> {
  for (;;) {
    const answer = await ask().catch(() => undefined);
    if (answer?.status === status) return answer;
    await sleep(5);
  }
}
