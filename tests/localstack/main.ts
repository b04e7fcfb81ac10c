import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { failureText } from "@doubleshot/cli";
import { countsLine } from "../../.ci/counts.ts";
import { type Ministack, startMinistack } from "./ministack.ts";
import { removeShops } from "./remove-shops.ts";
import { runDoubleshot } from "./run-doubleshot.ts";

// npm run test:localstack: the contract suite and the end-to-end tests on the LocalStack-compatible endpoint that the
// environment names, or on a ministack of its own where it names none. All shops that the run makes have a prefix of the run,
// by which it removes them from a foreign endpoint.

const root = fileURLToPath(new URL("../../", import.meta.url));
const vitest = fileURLToPath(new URL("./vitest.mjs", import.meta.resolve("vitest/package.json")));
const prefix = `t${randomBytes(3).toString("hex")}`;

const interrupted = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => interrupted.abort());

const isNamed = Object.entries(process.env).some(([name, value]) => name.startsWith("AWS_ENDPOINT_URL") && value);
let ministack: Ministack | undefined;
try {
  if (!isNamed) {
    process.stderr.write(
      "AWS_ENDPOINT_URL names no endpoint: starting ministack, which the first run installs from PyPI.\n",
    );
    ministack = await startMinistack(root);
    Object.assign(process.env, ministack.env);
  }
  Object.assign(process.env, {
    SHOP: prefix,
    ENDPOINT_SHOPS: prefix,
    RELAY_BUNDLE: fileURLToPath(new URL("../../lambdas/outbox/dist/handler.mjs", import.meta.url)),
  });
  process.exitCode = await provisionAndTest(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${failureText(error)}\n`);
  process.exitCode = countFailure(1);
} finally {
  await ministack?.stop();
}

async function provisionAndTest(args: readonly string[]): Promise<number> {
  // The commands of an operator. Where they fail, their one sentence is the result.
  for (const command of ["provision", "deploy-relay"]) {
    const code = await runDoubleshot([command], interrupted.signal);
    if (code === 0) continue;
    await cleanUp(() => undefined);
    return countFailure(code);
  }
  const code = await runTests(args);
  await cleanUp((line) => process.stderr.write(`${line}\n`));
  return code;
}

/** A ministack of its own goes with its resources. */
async function cleanUp(report: (line: string) => void): Promise<void> {
  if (!isNamed) return;
  await removeShops(prefix).catch((error: unknown) =>
    report(`Resources with names in ${prefix}- may be left on the endpoint: ${failureText(error)}`),
  );
}

/** A run that does not reach its tests counts as one that failed. */
function countFailure(exitCode: number): number {
  process.stdout.write(countsLine({ passed: 0, failed: 1, skipped: 0 }, process.env.COUNTS || undefined));
  return exitCode;
}

async function runTests(args: readonly string[]): Promise<number> {
  const { SHOP: _, ...env } = process.env;
  const child = spawn(process.execPath, [vitest, "run", "--project", "localstack", ...args], {
    cwd: root,
    env,
    stdio: "inherit",
  });
  interrupted.signal.addEventListener("abort", () => child.kill("SIGTERM"), { once: true });
  const [code] = await once(child, "exit");
  return typeof code === "number" ? code : 1;
}
