import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { freeStartPorts, type StartPorts } from "@doubleshot/dev-shop";
import { call } from "../rush/call.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));

/** A shop that `npm start` has opened on a folder, on free ports of its own. */
export class GrownShop implements AsyncDisposable {
  readonly orders: string;
  readonly barista: string;
  readonly #npm: ChildProcess;
  readonly #ended: Promise<unknown>;

  /** Resolves when an order has been served; `served` is the time from typing `npm start`, in milliseconds. */
  static async open(folder: string, signal: AbortSignal): Promise<{ shop: GrownShop; served: number }> {
    const start = await freeStartPorts();
    const startedAt = performance.now();
    const shop = new GrownShop(folder, start);
    try {
      await shop.#serveOne(signal);
    } catch (error) {
      await shop.close();
      throw error;
    }
    return { shop, served: performance.now() - startedAt };
  }

  private constructor(folder: string, { ports, env: portVariables }: StartPorts) {
    this.orders = `http://127.0.0.1:${ports.orders}`;
    this.barista = `http://127.0.0.1:${ports.barista}`;
    const env = { ...process.env, ...portVariables };
    const stdio = ["ignore", "ignore", "inherit"] as const;
    this.#npm = spawn("npm", ["start", "--", "--data", folder], { cwd: root, stdio: [...stdio], env });
    this.#ended = once(this.#npm, "exit");
    this.#ended.catch(() => undefined);
  }

  /** Of npm, from which all processes of the shop descend. */
  get pid(): number {
    const { pid } = this.#npm;
    if (pid === undefined) throw new Error("npm could not be started: is it on the PATH?");
    return pid;
  }

  async close(): Promise<void> {
    this.#npm.kill("SIGTERM");
    await this.#ended.catch(() => undefined);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #serveOne(signal: AbortSignal): Promise<void> {
    const stop = new AbortController();
    const failed = this.#ended.then(() => Promise.reject(new Error("npm start ended before an order was served.")));
    failed.catch(() => undefined);
    const both = AbortSignal.any([signal, stop.signal]);
    try {
      await Promise.race([failed, untilServed(this, both)]);
    } finally {
      stop.abort();
    }
  }
}

/** Retries every 5 ms, also while no process listens. */
async function untilServed({ orders, barista }: GrownShop, signal: AbortSignal): Promise<void> {
  await until(() => call({ method: "GET", url: `${orders}/readyz`, signal }), signal);
  const customer = call({ method: "POST", url: `${orders}/order/`, signal });
  const { body } = await until(() => call({ method: "GET", url: `${barista}/start/`, signal }), signal);
  const { order_id: id } = Object.assign({ order_id: "" }, body);
  await call({ method: "POST", url: `${barista}/finish/?order_id=${id}`, signal });
  const { status } = await customer;
  if (status !== 200) throw new Error(`The first customer got ${status}.`);
}

async function until(ask: () => ReturnType<typeof call>, signal: AbortSignal) {
  for (;;) {
    const answer = await ask().catch(() => undefined);
    if (answer?.status === 200) return answer;
    await sleep(5, undefined, { signal });
  }
}
