import { defineConfig } from "vitest/config";

/** What the test waits for comes in milliseconds on an idle machine; only a machine that does much else needs the time. */
const patience = { poll: { timeout: 30_000 } };
/** In CI: each sabotage of the library has to be caught; others leave that out, and do less of what is random. */
const sabotages = process.env.THOROUGH ? [] : ["libs/messaging/sabotages/*.e2e.test.ts"];
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
          include: ["{libs,services,lambdas,bench}/**/*.test.ts", ".ci/*.test.ts"],
          exclude: ["**/node_modules/**", "**/dist/**", "**/*.e2e.test.ts"],
          setupFiles,
          isolate: false,
          expect: patience,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: "e2e",
          include: ["{libs,services,lambdas,bench}/**/*.e2e.test.ts"],
          exclude: ["**/node_modules/**", "**/dist/**", ...sabotages],
          setupFiles,
          isolate: false,
          expect: patience,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
