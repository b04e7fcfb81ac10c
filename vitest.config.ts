import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/** Compiled modules are kept from one process to the next, of which the tests start some hundreds. */
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL("node_modules/.cache/doubleshot", import.meta.url));

/**
 * Milliseconds after which a test that waits for something is taken to wait in vain. It comes in milliseconds on an idle
 * machine; a machine with a load of twenty has needed more than a minute. No test says less by itself.
 */
const patience = { poll: { timeout: 120_000 } };
const deadline = 400_000;
/** CI tries every mutant of the library; other runs leave them out, and do fewer random tests. */
const mutants = process.env.THOROUGH ? [] : ["libs/messaging/test/mutants/*.e2e.test.ts"];
const setupFiles = ["./.ci/plain-output.ts"];

/**
 * Five files run at once, for two cores: tests of whole shops wait more than they compute. A worker loads the AWS clients
 * once for all its files (`isolate: false`), which halves the CPU of the unit tests: test files share no module state.
 */
export default defineConfig({
  test: {
    reporters: ["default", "./.ci/counts-reporter.ts"],
    maxWorkers: 5,
    projects: [
      {
        test: {
          name: "unit",
          include: ["{libs,services,lambdas,tests,bench}/**/*.test.ts", ".ci/*.test.ts"],
          exclude: ["**/node_modules/**", "**/dist/**", "**/*.e2e.test.ts"],
          setupFiles,
          isolate: false,
          expect: patience,
          testTimeout: deadline,
          hookTimeout: deadline,
        },
      },
      {
        test: {
          name: "e2e",
          include: ["{libs,services,lambdas,tests,bench}/**/*.e2e.test.ts"],
          exclude: ["**/node_modules/**", "**/dist/**", ...mutants],
          setupFiles,
          isolate: false,
          expect: patience,
          testTimeout: deadline,
          hookTimeout: deadline,
        },
      },
    ],
  },
});
