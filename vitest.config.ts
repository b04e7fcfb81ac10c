import { defineConfig } from "vitest/config";

/** Unit tests run beside each other; tests that open whole shops take turns, so that two cores are enough for each. */
export default defineConfig({
  test: {
    reporters: ["default", "./.ci/counts-reporter.ts"],
    projects: [
      {
        test: {
          name: "unit",
          setupFiles: ["./.ci/plain-output.ts"],
          include: ["{libs,services,lambdas,bench}/**/*.test.ts", ".ci/*.test.ts"],
          exclude: ["**/node_modules/**", "**/dist/**", "**/*.e2e.test.ts"],
          testTimeout: 20_000,
          hookTimeout: 30_000,
        },
      },
      {
        test: {
          name: "e2e",
          setupFiles: ["./.ci/plain-output.ts"],
          include: ["{libs,services,lambdas,bench}/**/*.e2e.test.ts"],
          exclude: ["**/node_modules/**", "**/dist/**"],
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
