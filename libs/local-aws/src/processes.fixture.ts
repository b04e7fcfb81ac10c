import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { coffeeShop } from "@doubleshot/shop";
import { type AwsClients, createAwsClients, type Endpoints } from "@doubleshot/topology";
import { onTestFinished } from "vitest";

const main = fileURLToPath(new URL("./main.ts", import.meta.url));

/** A folder of its own for one test. */
export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "local-aws-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface AwsProcess {
  readonly process: ChildProcess;
  readonly endpoints: Endpoints;
  readonly pids: { readonly dynoxide: number; readonly functions: Record<string, number> };
  readonly clients: AwsClients;
  /** Resolves with the exit code, or the name of the signal. */
  readonly ended: Promise<number | string>;
  /** All text of stdout, then that of stderr. */
  output(): string;
}

export interface FailedStart {
  readonly code: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

function launch(env: NodeJS.ProcessEnv) {
  const TOPOLOGY = JSON.stringify(coffeeShop.topology);
  const child = fork(main, { env: { ...process.env, TOPOLOGY, ...env }, stdio: ["ignore", "pipe", "pipe", "ipc"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const text = { stdout: "", stderr: "" };
  child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
    text.stdout += chunk;
  });
  child.stderr?.setEncoding("utf8").on("data", (chunk: string) => {
    text.stderr += chunk;
  });
  const ended = once(child, "exit").then(([code, signal]): number | string => code ?? signal);
  const closed = once(child, "close");
  return { child, text, ended, closed };
}

/** Starts the embedded AWS as a process and waits until it listens. */
export async function startProcess(env: NodeJS.ProcessEnv = {}): Promise<AwsProcess> {
  const { child, text, ended, closed } = launch(env);
  const listening = Promise.withResolvers<{ endpoints: Endpoints; pids: AwsProcess["pids"] }>();
  child.stdout?.on("data", () => {
    const line = text.stdout.split("\n").find((each) => each.includes('"msg":"listening"'));
    if (line !== undefined) listening.resolve(JSON.parse(line));
  });
  void closed.then(() => listening.reject(new Error(`the embedded AWS ended: ${text.stdout}${text.stderr}`)));
  const { endpoints, pids } = await listening.promise;
  const clients = createAwsClients({ endpoints });
  onTestFinished(() => clients.destroy());
  return { process: child, endpoints, pids, clients, ended, output: () => text.stdout + text.stderr };
}

/** Starts the embedded AWS with settings on which it must exit, and waits for the exit. */
export async function failToStart(env: NodeJS.ProcessEnv): Promise<FailedStart> {
  const { text, ended, closed } = launch(env);
  await closed;
  return { code: await ended, ...text };
}
