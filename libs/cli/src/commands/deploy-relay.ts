import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createLambdaClient, deployRelays } from "@doubleshot/topology/functions";
import { type Command, type CommandContext, exitCodes } from "../command.ts";
import { noMore, parse } from "../command-line.ts";
import { endpointOfShop, requireLambda } from "../endpoint-of-shop.ts";
import { OperatorError } from "../operator-error.ts";
import { printReport } from "../output/provision-report.ts";

/** The bundle in this checkout. */
const usualBundle = fileURLToPath(new URL("../../../../lambdas/outbox/dist/handler.mjs", import.meta.url));

export const deployRelayCommand: Command = {
  summary: "deploy the relay and its stream mappings to an endpoint",
  help: `doubleshot deploy-relay [--code lambdas/outbox/dist/handler.mjs] [--json]

  --code FILE   the relay's bundle; npm run deploy:relay builds it first

Deploys a function for each outbox, and the mapping of the outbox's stream to it, through the Lambda API of a LocalStack-compatible
endpoint. It leaves those that are there, and updates functions whose code or settings differ. A line for each part that it makes
or changes goes to standard error. The endpoint needs a Node 24 for its functions. The functions throw on failures
(FAILURES=throw), because some endpoints lose what a function reports as failed.
`,
  prepare(args) {
    const { values, positionals } = parse("deploy-relay", args, { code: { type: "string", default: usualBundle } });
    if (values.help) return "help";
    noMore("deploy-relay", positionals);
    return async ({ shop, terminal }: CommandContext) => {
      requireLambda(process.env);
      const where = await endpointOfShop(shop);
      const bundle = readBundle(values.code);
      const lambda = createLambdaClient();
      try {
        const { name, topology, clients } = shop;
        const log = (line: string) => terminal.report(line);
        const report = await deployRelays({ topology, shop: name, clients, lambda, bundle, log });
        printReport(terminal, { shop: name, where, ...report }, values.json);
      } finally {
        lambda.destroy();
      }
      return exitCodes.fine;
    };
  },
};

function readBundle(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : error;
    throw new OperatorError(
      `The relay's bundle ${file} cannot be read (${code}): build it with npm run build -w lambdas/outbox, or correct --code.`,
    );
  }
}
