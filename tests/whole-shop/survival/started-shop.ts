import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { descendants, type RunningProcess } from "@doubleshot/bench/growth/process-tree";
import { freeStartPorts, type StartPorts } from "@doubleshot/dev-shop";
import { type AwsClients, createAwsClients } from "@doubleshot/topology";

const main = fileURLToPath(new URL("./main.ts", import.meta.resolve("@doubleshot/dev-shop")));

/** Processes to kill, by a pattern for the command line. A service runs as a bundle or from its sources. */
const victims = {
  orders: /\/orders(\.mjs|\/src\/main\.ts)/,
  barista: /\/barista(\.mjs|\/src\/main\.ts)/,
  "the embedded AWS": /libs\/local-aws\/src\/main\.ts/,
  dynoxide: /^\S*dynoxide /,
} as const;

type Victim = keyof typeof victims;

/**
 * A shop opened by `npm start`'s own program with data in the folder, on ports of its own, so that the supervisor can be
 * killed and started again too.
 */
export class StartedShop implements AsyncDisposable {
  readonly orders: string;
  readonly barista: string;
  readonly web: string;
  readonly clients: AwsClients;
  readonly #arguments: string[];
  readonly #env: NodeJS.ProcessEnv;
  #main: ChildProcess | undefined;
  #output = "";

  static async open(data: string, env: Record<string, string>): Promise<StartedShop> {
    const shop = new StartedShop(data, env, await freeStartPorts());
    await shop.start();
    return shop;
  }

  private constructor(data: string, env: Record<string, string>, start: StartPorts) {
    const { orders, barista, web, dynamodb, messaging } = start.ports;
    this.orders = `http://127.0.0.1:${orders}`;
    this.barista = `http://127.0.0.1:${barista}`;
    this.web = `http://127.0.0.1:${web}`;
    const [database, fauxqs] = [`http://127.0.0.1:${dynamodb}`, `http://127.0.0.1:${messaging}`];
    this.clients = createAwsClients({ endpoints: { dynamodb: database, sns: fauxqs, sqs: fauxqs, s3: fauxqs } });
    this.#arguments = [main, "--data", data];
    this.#env = { ...process.env, ...start.env, ...env };
  }

  /** All output of the supervisor, over all its restarts. */
  get output(): string {
    return this.#output;
  }

  /** Starts the supervisor. Resolves when it reports that the shop is open. */
  async start(): Promise<void> {
    const child = spawn(process.execPath, this.#arguments, { stdio: ["ignore", "pipe", "pipe"], env: this.#env });
    this.#main = child;
    let output = "";
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const read = (chunk: Buffer) => {
      this.#output += chunk;
      output += chunk;
      if (output.includes("Doubleshot is open")) resolve();
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    child.once("close", () => reject(new Error(`npm start ended instead of opening:\n${output}`)));
    await promise;
  }

  /** The supervisor, while it runs. */
  get pid(): number | undefined {
    return this.#main?.exitCode === null && this.#main.signalCode === null ? this.#main.pid : undefined;
  }

  /** All processes below the supervisor. */
  processes(): RunningProcess[] {
    return this.pid === undefined ? [] : descendants(this.pid);
  }

  /** Sends SIGKILL to the process. @throws Error when it is not running */
  kill(victim: Victim): void {
    const found = descendants(this.#main?.pid ?? 0).find(({ command }) => victims[victim].test(command));
    if (!found) throw new Error(`There is no ${victim} to kill.`);
    process.kill(found.pid, "SIGKILL");
  }

  /** Sends SIGKILL to the supervisor, and starts a new one. */
  async killSupervisor(): Promise<void> {
    this.#main?.kill("SIGKILL");
    await this.start();
  }

  /** Closes the shop; resolves with the supervisor's exit code. */
  async close(): Promise<number | null> {
    const child = this.#main;
    if (!child) return null;
    const ended = child.exitCode === null && child.signalCode === null ? once(child, "close") : undefined;
    child.kill("SIGTERM");
    await ended;
    return child.exitCode;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
    this.clients.destroy();
  }
}
