import { provision } from "@doubleshot/topology";
import { type Command, type CommandContext, exitCodes } from "../command.ts";
import { noMore, parse } from "../command-line.ts";
import { endpointOfShop } from "../endpoint-of-shop.ts";
import { printReport } from "../output/provision-report.ts";

export const provisionCommand: Command = {
  summary: "make the tables, topics, queues and buckets on an endpoint",
  help: `doubleshot provision [--json]

Makes the resources of the shop on a LocalStack-compatible endpoint: tables, topics, queues, subscriptions, buckets. It leaves
those that are there, changes settings that differ, and completes a half-made shop, so it can run again at any time. A line
for each part that it makes goes to standard error. deploy-relay does the rest.
`,
  prepare(args) {
    const { values, positionals } = parse("provision", args, {});
    if (values.help) return "help";
    noMore("provision", positionals);
    return async ({ shop, terminal }: CommandContext) => {
      const where = await endpointOfShop(shop);
      const { name, topology, clients } = shop;
      const report = await provision({ topology, shop: name, clients, log: (line) => terminal.report(line) });
      printReport(terminal, { shop: name, where, ...report }, values.json);
      return exitCodes.fine;
    };
  },
};
