import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Assertion } from "./mutant.ts";

interface Report {
  readonly testResults: readonly {
    readonly message: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

/** Statuses of tests that ran; the others did not match the name pattern. */
const ran: Readonly<Record<string, true>> = { passed: true, failed: true };

const vitest = fileURLToPath(new URL("vitest.mjs", import.meta.resolve("vitest/package.json")));

/** Timeouts of `vitest.config.ts`, repeated because a copy has no configuration. */
const timeoutArgs = ["--testTimeout", "20000", "--hookTimeout", "30000", "--expect.poll.timeout", "10000"];

/**
 * Runs the given tests in a copy, in a separate vitest. Returns the failed ones by full name, with the reason.
 * @throws Error when a test does not exist, or the run fails before it has a report.
 */
export async function runTests(root: string, wanted: readonly Assertion[]): Promise<string[]> {
  const outputFile = join(root, "report.json");
  const files = [...new Set(wanted.map(({ suite }) => suite))];
  const named = wanted.map(({ text }) => pattern(text)).join("|");
  const report = ["--reporter", "json", "--outputFile", outputFile];
  const run = [vitest, "run", ...files, "--root", root, "--testNamePattern", named, ...timeoutArgs, ...report];
  // The vitest that runs this process would pass its settings on in the environment.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("VITEST")));
  const stderrText = await promisify(execFile)(process.execPath, run, {
    env,
    timeout: 240_000,
    killSignal: "SIGKILL",
  }).then(
    () => "",
    ({ stderr }: { stderr: string }) => stderr,
  );
  const text = await readFile(outputFile, "utf8").catch(() => {
    throw new Error(`${files.join()} could not be run: ${stderrText}`);
  });
  const { testResults } = JSON.parse(text) as Report;
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults).filter(({ status }) => status in ran);
  const missing = wanted.find(({ text }) => !tests.some(({ fullName }) => fullName.includes(text)));
  if (missing !== undefined) {
    const messages = testResults.map(({ message }) => message).join();
    throw new Error(`${missing.suite} has no test "${missing.text}": ${messages}`);
  }
  return tests.filter(({ status }) => status === "failed").map(failureLine);
}

/** Matches the text in a test's full name, in which vitest puts ` > ` between the names of suites. */
function pattern(text: string): string {
  return text.replace(/[^\w ]/g, "\\$&").replaceAll(" ", "(?: >)? ");
}

function failureLine({
  fullName,
  failureMessages: [reason = ""],
}: Report["testResults"][0]["assertionResults"][0]): string {
  return `${fullName}: ${reason.split("\n", 1)[0]}`;
}
