import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect } from "vitest";
import { freeStartPorts } from "../choose-ports.ts";

const main = fileURLToPath(new URL("../main.ts", import.meta.url));
export const root = fileURLToPath(new URL("../../../..", import.meta.url));

/** `npm start` as its user sees it: a process, its output and its exit code. */
export interface StartedMain {
  readonly child: ChildProcess;
  output(): string;
  /** Resolves when the shop is open. */
  open(): Promise<void>;
  readonly ended: Promise<[code: number | null, signal: NodeJS.Signals | null]>;
}

interface StartOptions {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Default: the program that `npm start` runs, without npm. */
  readonly command?: readonly string[];
}

/** A data folder and ports for the tests of a file. Every start in it is over when they end. */
export function useStarts() {
  const started: StartedMain[] = [];
  const place = { data: "", ports: { web: 0, orders: 0, barista: 0, dynamodb: 0, messaging: 0, admin: 0 } };
  let portVariables: Readonly<Record<string, string>>;
  beforeAll(async () => {
    place.data = mkdtempSync(join(tmpdir(), "doubleshot-"));
    const { ports, env } = await freeStartPorts();
    Object.assign(place.ports, ports);
    portVariables = env;
  });
  afterAll(async () => {
    for (const { child } of started) child.kill("SIGTERM");
    await Promise.all(started.map(({ ended }) => ended));
    rmSync(place.data, { recursive: true, force: true });
  });

  function start({ args = [], env = {}, command = [process.execPath, main] }: StartOptions = {}): StartedMain {
    const [program = "", ...programArgs] = command;
    const child = spawn(program, [...programArgs, "--data", place.data, ...args], {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...portVariables, ...env },
    });
    let output = "";
    const opened = Promise.withResolvers<void>();
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk) => {
        output += chunk;
        if (output.includes("Ctrl-C")) opened.resolve();
      });
    }
    const ended = once(child, "close") as Promise<[number | null, NodeJS.Signals | null]>;
    const closedEarly = () => expect.fail(`npm start ended instead of opening:\n${output}`);
    const open = () => Promise.race([opened.promise, ended.then(closedEarly)]);
    const main = { child, output: () => output, open, ended };
    started.push(main);
    return main;
  }
  return { place, start };
}

/** Places an order at the counter. */
export async function placeOrder(counter: string): Promise<{ id: string }> {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${counter}/orders`, { method: "POST", headers, body: "{}" });
  expect(answer.status).toBe(201);
  return Object.assign({ id: "" }, await answer.json());
}
