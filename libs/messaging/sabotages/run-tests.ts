import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

interface Report {
  readonly numTotalTests: number;
  readonly testResults: readonly {
    readonly message: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

const vitest = fileURLToPath(new URL("vitest.mjs", import.meta.resolve("vitest/package.json")));

/** That of the repository's own configuration, which is not found from a copy. */
const patience = ["--testTimeout", "20000", "--hookTimeout", "30000"];

/** Runs one test file of a copy, in a vitest of its own, and returns which tests failed, by full name, and why. */
export async function runTests(root: string, file: string): Promise<string[]> {
  const outputFile = join(root, "report.json");
  const run = [vitest, "run", file, "--root", root, ...patience, "--reporter", "json", "--outputFile", outputFile];
  // The one that runs this would have its own settings found in the environment.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("VITEST")));
  const output = await promisify(execFile)(process.execPath, run, {
    env,
    timeout: 240_000,
    killSignal: "SIGKILL",
  }).then(
    () => "",
    ({ stderr }: { stderr: string }) => stderr,
  );
  const text = await readFile(outputFile, "utf8").catch(() => {
    throw new Error(`${file} could not be run: ${output}`);
  });
  const { numTotalTests, testResults } = JSON.parse(text) as Report;
  if (numTotalTests === 0) throw new Error(`${file} has no tests: ${testResults.map(({ message }) => message).join()}`);
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  return tests.filter(({ status }) => status === "failed").map(because);
}

function because({
  fullName,
  failureMessages: [reason = ""],
}: Report["testResults"][0]["assertionResults"][0]): string {
  return `${fullName}: ${reason.split("\n", 1)[0]}`;
}
