import pc from "picocolors";
import { type Command, exitCodes } from "../command.ts";
import { noMore, parse, UsageError } from "../command-line.ts";
import { isCoffeeShop, type Trace, type TraceEntry, trace } from "../operations/trace.ts";
import { OperatorError } from "../operator-error.ts";
import { span } from "../output/amounts.ts";
import { table } from "../output/table.ts";
import { undeliveredTable } from "./audit.ts";

export const traceCommand: Command = {
  summary: "the life of an order across the services",
  help: `doubleshot trace <order id> [--json]

Every state, every commit that had news, each event and each delivery, in the order of time. A delivery leaves one
inbox row, however often it came; how often the queue had handed it out is told when it was more than once.
`,
  prepare(args) {
    const { values, positionals } = parse("trace", args, {});
    if (values.help) return "help";
    const [named, ...more] = positionals;
    if (named === undefined) throw new UsageError("Say which order: doubleshot trace <order id>.");
    noMore("trace", more);
    // An order's id is a UUID in lower case, in all tables; a person may have it from somewhere in upper case.
    const orderId = named.toLowerCase().replace(/^(order|ticket)#/, "");
    return async ({ shop, terminal }) => {
      if (!isCoffeeShop(shop)) {
        throw new OperatorError(
          "trace follows the orders of the coffee shop: another system's order#42 is found by audit and replay --aggregate.",
        );
      }
      const found = await trace(shop, orderId);
      if (found === undefined) {
        throw new OperatorError(`Nothing is known of order ${orderId} in ${shop.name}: check the id, and SHOP.`);
      }
      if (values.json) terminal.printJson(found);
      else terminal.print(describe(found));
      return exitCodes.fine;
    };
  },
};

function describe({ orderId, status, entries, undelivered }: Trace): string {
  const { order = "not in the table", ticket = "none yet" } = status;
  const head = `order ${pc.bold(orderId)}: ${order}, ticket: ${ticket}`;
  const timeline = table(
    ["time", "#after", "where", "what", ""],
    entries.map(({ at, offset, where, what, detail }) => [at, after(offset), where, colour[what](what), detail]),
  );
  const missing = undelivered.length === 0 ? [] : ["", pc.red("Not handled:"), undeliveredTable(undelivered)];
  return [head, "", timeline, ...missing].join("\n");
}

/** To the millisecond while somebody may be waiting. */
function after(offset: number): string {
  return `+${offset < 60_000 ? `${offset.toLocaleString("en-US")} ms` : span(offset)}`;
}

const colour: Readonly<Record<TraceEntry["what"], (text: string) => string>> = {
  commit: pc.bold,
  event: pc.cyan,
  queued: pc.dim,
  handled: pc.green,
  state: pc.yellow,
};
