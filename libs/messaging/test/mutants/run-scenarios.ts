import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";

export interface ScenariosOptions {
  readonly count: number;
  readonly seed: number;
  /** A finding with this text ends the run. */
  readonly until?: string;
}

/** Runs scenarios with a copy's code in a separate process, and returns the findings. */
export async function runScenarios(root: string, { count, seed, until }: ScenariosOptions): Promise<string[]> {
  const script = join(import.meta.dirname, "scenarios-of-copy.ts");
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
  if (code !== 0) found.push(`The scenarios ended with ${signal ?? `exit code ${code}`}.`);
  return found;
}
