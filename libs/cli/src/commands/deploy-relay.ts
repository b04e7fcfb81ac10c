import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { OperatorError } from "@doubleshot/operations";
import { createLambdaClient, deployRelays } from "@doubleshot/topology/functions";
import { type Command, type CommandContext, exitCodes } from "../command.ts";
import { noMore, parse } from "../command-line.ts";
import { endpointOfShop, requireLambda } from "../endpoint-of-shop.ts";
import { printReport } from "../output/provision-report.ts";

/** The modules that this checkout builds. */
const usualModules = ["handler.mjs", "tracing.mjs"].map((name) =>
  fileURLToPath(new URL(`../../../../lambdas/outbox/dist/${name}`, import.meta.url)),
);

export const deployRelayCommand: Command = {
  summary: "deploy the relay and its stream mappings to an endpoint",
  help: `doubleshot deploy-relay [--code handler.mjs ...] [--json]

  --code FILE   a module of the relay, again for each one (default: those of lambdas/outbox/dist, which npm run deploy:relay
                builds first); handler.mjs is needed, tracing.mjs only for OpenTelemetry

Deploys a function for each outbox, and the mapping of the outbox's stream to it, through the Lambda API of a LocalStack-compatible
endpoint. It leaves those that are there, and updates functions whose code or settings differ. A line for each part that it makes
or changes goes to standard error. The endpoint needs a Node 24 for its functions. The functions throw on failures
(FAILURES=throw), because some endpoints lose what a function reports as failed. They get this command's OTEL_ variables.
`,
  prepare(args) {
    const { values, positionals } = parse("deploy-relay", args, {
      code: { type: "string", multiple: true, default: usualModules },
    });
    if (values.help) return "help";
    noMore("deploy-relay", positionals);
    return async ({ shop, terminal }: CommandContext) => {
      requireLambda(process.env);
      const where = await endpointOfShop(shop);
      const modules = Object.fromEntries(values.code.map((file) => [basename(file), readModule(file)]));
      const lambda = createLambdaClient();
      try {
        const { name, topology, clients } = shop;
        const log = (line: string) => terminal.report(line);
        const variables = otelVariables(process.env);
        const report = await deployRelays({ topology, shop: name, clients, lambda, modules, variables, log });
        printReport(terminal, { shop: name, where, ...report }, values.json);
      } finally {
        lambda.destroy();
      }
      return exitCodes.fine;
    };
  },
};

function otelVariables(env: NodeJS.ProcessEnv): Record<string, string> {
  const set = Object.entries(env).filter(([name, value]) => name.startsWith("OTEL_") && value);
  return Object.fromEntries(set.map(([name, value]) => [name, String(value)]));
}

function readModule(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : error;
    throw new OperatorError(
      `The relay's module ${file} cannot be read (${code}): build it with npm run build -w lambdas/outbox, or correct --code.`,
    );
  }
}
