import { readFile } from "node:fs/promises";
import { debianPath } from "./requirements.ts";
import { runProgram } from "./run-program.ts";

/** The network settings of this machine that a Docker daemon changes, as text. */
export async function networkSettings(): Promise<string> {
  const env = { ...process.env, PATH: debianPath };
  const rules = await runProgram("iptables-save", [], { env });
  const links = await runProgram("ip", ["-brief", "link"], { env });
  const routes = await runProgram("ip", ["route"], { env });
  const forward = await readFile("/proc/sys/net/ipv4/ip_forward", "utf8");
  return [
    // Comments have the time, and counters count.
    rules.replaceAll(/^#.*\n/gm, "").replaceAll(/\[\d+:\d+\]/g, ""),
    links,
    routes,
    `ip_forward ${forward}`,
  ].join("\n");
}
