import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const command = fileURLToPath(new URL("../../libs/cli/bin/doubleshot.js", import.meta.url));

/** Runs the operators' command in a process of its own, with this one's streams. Returns its exit code. */
export async function runDoubleshot(args: readonly string[], signal: AbortSignal): Promise<number> {
  const child = spawn(process.execPath, [command, ...args], { stdio: "inherit" });
  signal.addEventListener("abort", () => child.kill("SIGTERM"), { once: true });
  const [code] = await once(child, "exit");
  return typeof code === "number" ? code : 1;
}
