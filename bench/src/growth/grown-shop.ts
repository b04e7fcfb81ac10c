import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { freeStartPorts, type StartPorts } from "@doubleshot/dev-shop";
import { serveFirstOrder } from "../figures/first-order.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));

/** A shop that `npm start` has opened on a folder, on free ports of its own. */
export class GrownShop implements AsyncDisposable {
  readonly orders: string;
  readonly barista: string;
  readonly #npm: ChildProcess;
  readonly #ended: Promise<unknown[]>;

  /** Resolves when an order has been served; `servedMs` is the time from typing `npm start`. */
  static async open(folder: string, signal: AbortSignal): Promise<{ shop: GrownShop; servedMs: number }> {
    const start = await freeStartPorts();
    const startedAt = performance.now();
    const shop = new GrownShop(folder, start);
    try {
      await serveFirstOrder({ orders: shop.orders, barista: shop.barista, ended: shop.#ended, signal });
    } catch (error) {
      await shop.close();
      throw error;
    }
    return { shop, servedMs: performance.now() - startedAt };
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

  /** Process id of npm, the ancestor of all processes of the shop. */
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
}
