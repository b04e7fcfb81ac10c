import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";

export interface HistoriesOptions {
  readonly count: number;
  readonly seed: number;
  /** A finding with this in it ends the run. */
  readonly until?: string;
}

/** Lives through histories with a copy's code, in a process of its own, and returns what was found broken. */
export async function runHistories(root: string, { count, seed, until }: HistoriesOptions): Promise<string[]> {
  const script = join(import.meta.dirname, "live-through.ts");
  const child = spawn(process.execPath, [script, root, String(count), String(seed)], {
    stdio: ["ignore", "pipe", "inherit"],
    timeout: 240_000,
    killSignal: "SIGKILL",
  });
  const exited = once(child, "exit");
  const found: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    const finding = String(JSON.parse(line));
    found.push(finding);
    if (until === undefined || !finding.includes(until)) continue;
    child.kill("SIGKILL");
    await exited;
    return found;
  }
  const [code, signal] = await exited;
  if (code !== 0) found.push(`The histories ended with ${signal ?? `exit code ${code}`}.`);
  return found;
}
