import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { failureText } from "@doubleshot/cli";
import { countsLine } from "../../.ci/counts.ts";
import { makeBases } from "./bases.ts";
import { networkSettings } from "./network-settings.ts";
import { missingRequirement } from "./requirements.ts";
import { ProgramError } from "./run-program.ts";

// npm run test:compose: the whole shop in containers. The tests, their Docker daemon and all containers run in network, mount
// and process namespaces of their own: their bridges and rules are not this machine's, and nothing of them outlives the run.

const root = fileURLToPath(new URL("../../", import.meta.url));
const vitest = fileURLToPath(new URL("./vitest.mjs", import.meta.resolve("vitest/package.json")));
const namespaces = ["--net", "--mount", "--pid", "--fork", "--mount-proc", "--kill-child"];

try {
  const missing = missingRequirement();
  if (missing !== undefined) throw new ProgramError(missing);
  const bases = await makeBases((line) => process.stderr.write(`${line}\n`));
  const before = await networkSettings();
  process.exitCode = await runTests(bases, process.argv.slice(2));
  const after = await networkSettings();
  if (after !== before)
    throw new ProgramError(`The network settings of this machine changed:\n${before}\n->\n${after}`);
} catch (error) {
  process.stderr.write(`${failureText(error)}\n`);
  process.stdout.write(countsLine({ passed: 0, failed: 1, skipped: 0 }, process.env.COUNTS || undefined));
  process.exitCode = 1;
}

/** Images, containers and logs are in a folder of the run, which goes with it, also when a signal ends the run. */
async function runTests(bases: string, args: readonly string[]): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), "doubleshot-docker-"));
  const run = [process.execPath, vitest, "run", "--project", "compose", ...args];
  const child = spawn("unshare", [...namespaces, ...run], {
    cwd: root,
    env: { ...process.env, COMPOSE_BASES: bases, DOCKER_FOLDER: folder },
    stdio: "inherit",
  });
  // It ignores gentler signals. Its end is the end of all processes in its namespace.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => child.kill("SIGKILL"));
  try {
    const [code] = await once(child, "exit");
    return typeof code === "number" ? code : 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
