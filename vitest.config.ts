import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/** Compiled modules are kept from one process to the next, of which the tests start some hundreds. */
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL("node_modules/.cache/doubleshot", import.meta.url));

/**
 * Milliseconds after which a wait of a test counts as a failure. A wait takes milliseconds on an idle machine; a machine with a
 * load of twenty has needed more than a minute. No test sets a shorter limit.
 */
const patience = { poll: { timeout: 120_000 } };
const deadline = 400_000;
/** These run on the endpoint that the AWS settings of the environment name: all of them by `npm run test:localstack`. */
const contract = "libs/messaging/test/contract/environment.contract.test.ts";
const wholeShops = [
  "tests/localstack/!(*.thorough).test.ts",
  "tests/whole-shop/e2e/{crashes,drain,duplicates}.e2e.test.ts",
  "tests/whole-shop/e2e/instances.thorough.test.ts",
];
const namesEndpoint = Object.entries(process.env).some(([name, value]) => name.startsWith("AWS_ENDPOINT_URL") && value);
const onEndpoint = process.env.ENDPOINT_SHOPS ? [contract, ...wholeShops] : [contract];
/** Runs where SCHEMATHESIS names the program, as CI does. */
const openapi = "tests/whole-shop/openapi/*.e2e.test.ts";
/** They run where `npm ci --prefix infra` has installed the CDK, as CI does: it would make `npm ci` a fourth longer. */
const cdk = ["libs/cdk/**/*.test.ts", "infra/src/**/*.test.ts"];
const hasCdk = existsSync(fileURLToPath(new URL("infra/node_modules/@doubleshot/cdk", import.meta.url)));
/** Runs where CFN_LINT names the program, as CI does. */
const cfnLint = process.env.CFN_LINT ? [] : ["infra/src/cfn-lint.test.ts"];
/** They set OpenTelemetry's provider for the whole process, and tracers keep the first one that they get: a process for each. */
const tracing = [
  "libs/messaging/src/telemetry/trace.test.ts",
  "libs/service-kit/src/app/trace-requests.test.ts",
  "tests/whole-shop/observability/one-order.test.ts",
];
/** Runs in the namespaces that `npm run test:compose` makes. */
const composed = "tests/compose/containers.test.ts";
const options = {
  setupFiles: ["./.ci/plain-output.ts"],
  isolate: false,
  expect: patience,
  testTimeout: deadline,
  hookTimeout: deadline,
};
/** `npm run test:thorough`, or a run that names such files. */
const isThorough =
  Boolean(process.env.THOROUGH) || process.argv.slice(2).some((argument) => argument.endsWith(".thorough.test.ts"));
const thorough = ["{libs,services,lambdas,containers,tests,bench}/**/*.thorough.test.ts", ".ci/*.thorough.test.ts"];
const notOurs = ["**/node_modules/**", "**/dist/**"];

/**
 * Five files run at once, for two cores: tests of whole shops wait more than they compute, and with two or three workers the unit
 * tests take the same CPU and more time. A worker loads the AWS clients once for all its files (`isolate: false`), which halves
 * the CPU of the unit tests: test files share no module state.
 */
export default defineConfig({
  test: {
    reporters: ["default", "./.ci/counts-reporter.ts"],
    maxWorkers: 5,
    projects: [
      {
        test: {
          ...options,
          name: "unit",
          include: ["{libs,services,lambdas,containers,tests,bench}/**/*.test.ts", ".ci/*.test.ts"],
          exclude: [
            ...notOurs,
            "**/*.{e2e,thorough}.test.ts",
            contract,
            "tests/localstack/**",
            composed,
            ...cdk,
            ...tracing,
          ],
        },
      },
      { test: { ...options, isolate: true, name: "tracing", include: tracing } },
      {
        test: {
          ...options,
          name: "e2e",
          include: ["{libs,services,lambdas,tests,bench}/**/*.e2e.test.ts"],
          exclude: [...notOurs, openapi],
        },
      },
      ...(isThorough
        ? [
            {
              test: {
                ...options,
                name: "thorough",
                include: thorough,
              },
            },
          ]
        : []),
      ...(namesEndpoint ? [{ test: { ...options, name: "localstack", include: onEndpoint } }] : []),
      ...(process.env.COMPOSE_BASES ? [{ test: { ...options, name: "compose", include: [composed] } }] : []),
      ...(hasCdk ? [{ test: { ...options, name: "infra", include: cdk, exclude: [...notOurs, ...cfnLint] } }] : []),
      // After all others, because schemathesis makes as many requests as its time allows.
      ...(process.env.SCHEMATHESIS
        ? [{ test: { ...options, name: "openapi", include: [openapi], sequence: { groupOrder: 1 } } }]
        : []),
    ],
  },
});
