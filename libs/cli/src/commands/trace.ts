import { OperatorError, span, type Trace, type TraceEntry, trace, tracedAggregates } from "@doubleshot/operations";
import pc from "picocolors";
import { type Command, exitCodes } from "../command.ts";
import { noMore, parse, UsageError } from "../command-line.ts";
import { table } from "../output/table.ts";
import { undeliveredTable } from "./audit.ts";

export const traceCommand: Command = {
  summary: "the life of an order across the services",
  help: `doubleshot trace <order id> [--json]

Shows every state, every commit with events, each event and each delivery, in the order of time. A delivery leaves one
inbox row, with the number of its receives if that is more than one.
`,
  prepare(args) {
    const { values, positionals } = parse("trace", args, {});
    if (values.help) return "help";
    const [named, ...more] = positionals;
    if (named === undefined) throw new UsageError("Name the order: doubleshot trace <order id>.");
    noMore("trace", more);
    return async ({ shop, terminal }) => {
      const kinds = tracedAggregates(shop).map(({ kind }) => kind);
      if (kinds.length === 0) {
        throw new OperatorError(
          "The topology names nothing to trace: add services with traced aggregates, as docs/adopting.md shows, or use audit and replay --aggregate.",
        );
      }
      const id = plainId(named, kinds);
      const found = await trace(shop, id);
      if (found === undefined) {
        throw new OperatorError(`There is no ${kinds[0]} ${id} in ${shop.name}: check the id, and SHOP.`);
      }
      if (values.json) terminal.printJson(found);
      else terminal.print(describe(found));
      return exitCodes.fine;
    };
  },
};

/** Accepts `order#42` and `ORDER#42` for 42. */
function plainId(text: string, kinds: readonly string[]): string {
  const kind = kinds.find((each) => text.toLowerCase().startsWith(`${each}#`));
  return kind === undefined ? text : text.slice(kind.length + 1);
}

function describe({ id, status, entries, undelivered }: Trace): string {
  const [first, ...others] = Object.entries(status).map(([kind, each]) => ({ kind, status: each ?? "none" }));
  const head = [
    `${first?.kind} ${pc.bold(id)}: ${first?.status}`,
    ...others.map(({ kind, status: each }) => `${kind}: ${each}`),
  ].join(", ");
  const timeline = table(
    ["time", "#after", "where", "what", ""],
    entries.map(({ at, offsetMs, where, what, detail }) => [at, after(offsetMs), where, colour[what](what), detail]),
  );
  const missing = undelivered.length === 0 ? [] : ["", pc.red("Not handled:"), undeliveredTable(undelivered)];
  return [head, "", timeline, ...missing].join("\n");
}

/** In milliseconds up to a minute. */
function after(offsetMs: number): string {
  return `+${offsetMs < 60_000 ? `${offsetMs.toLocaleString("en-US")} ms` : span(offsetMs)}`;
}

const colour: Readonly<Record<TraceEntry["what"], (text: string) => string>> = {
  commit: pc.bold,
  event: pc.cyan,
  queued: pc.dim,
  handled: pc.green,
  state: pc.yellow,
};
