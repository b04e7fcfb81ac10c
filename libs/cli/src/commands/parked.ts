import type { ParkedRow } from "@doubleshot/messaging";
import {
  count,
  dropParked,
  OperatorError,
  type ParkedAggregate,
  parkedAggregate,
  parkedAggregates,
  type RetryOutcome,
  retryParked,
  span,
} from "@doubleshot/operations";
import pc from "picocolors";
import { type Command, type CommandContext, type ExitCode, exitCodes } from "../command.ts";
import { noMore, parse, takeOnly, UsageError, wholeNumber } from "../command-line.ts";
import { messageText } from "../output/message-text.ts";
import { table } from "../output/table.ts";

const options = {
  all: { type: "boolean", default: false },
  version: { type: "string" },
  yes: { type: "boolean", short: "y", default: false },
  rate: { type: "string", default: "50" },
} as const;

/** The options of each subcommand, beside --json and --help. */
const optionsOf = new Map([
  ["list", []],
  ["show", []],
  ["retry", ["all", "rate"]],
  ["drop", ["version", "yes"]],
]);

export const parkedCommand: Command = {
  summary: "events that SNS refused, and later ones of their aggregates: list, show, retry, drop",
  help: `doubleshot parked list                                     the parked aggregates, with reasons
doubleshot parked show <aggregate>                         the parked rows of one
doubleshot parked retry <aggregate>... | --all [--rate 50] publish its rows in order, and release it
doubleshot parked drop <aggregate> [--version N] [--yes]   delete the first parked row (or that one) for good

  --rate N   events a second
  --yes      do not ask
  --json     for machines
`,
  prepare(args) {
    const { values, positionals, given } = parse("parked", args, options);
    if (values.help) return "help";
    const [verb = "", ...aggregates] = positionals;
    const own = optionsOf.get(verb);
    if (own !== undefined) takeOnly(`parked ${verb}`, given, own);
    const { json, all, yes } = values;
    const version = values.version === undefined ? undefined : wholeNumber("version", values.version);
    const rate = wholeNumber("rate", values.rate);
    switch (verb) {
      case "list":
        noMore("parked", aggregates);
        return (run) => list(run, json);
      case "show": {
        const aggregate = only(verb, aggregates);
        return (run) => show(run, aggregate, json);
      }
      case "retry":
        if (all === aggregates.length > 0) {
          throw new UsageError(
            "Name the aggregates to retry, such as order#..., or add --all: doubleshot parked list has them.",
          );
        }
        return (run) => retry(run, { aggregates, rate, json });
      case "drop": {
        const aggregate = only(verb, aggregates);
        return (run) => drop(run, { aggregate, version, yes, json });
      }
      default:
        throw new UsageError("Name a subcommand: doubleshot parked list, show, retry or drop.");
    }
  },
};

function only(verb: string, [aggregate, ...more]: readonly string[]): string {
  if (aggregate === undefined) throw new UsageError(`Name the aggregate to ${verb}: doubleshot parked list has them.`);
  noMore("parked", more);
  return aggregate;
}

async function list({ shop, terminal }: CommandContext, json: boolean): Promise<ExitCode> {
  const parked = await parkedAggregates(shop);
  if (json) terminal.printJson(parked.map(plain));
  else terminal.print(parked.length === 0 ? pc.green("Nothing is parked.") : listTable(parked));
  return exitCodes.fine;
}

function listTable(parked: readonly ParkedAggregate[]): string {
  const now = Date.now();
  return table(
    ["outbox", "aggregate", "#parked", "#rows", "#events", "reason"],
    parked.map(({ outbox, aggregate, marker, rows }) => [
      outbox.table,
      pc.bold(aggregate),
      marker === undefined ? "released" : `${span(now - Date.parse(marker.since))} ago`,
      String(rows.length),
      String(rows.reduce((sum, { events }) => sum + events.length, 0)),
      marker === undefined ? "left by an interrupted retry: retry deletes them" : reasonOf(rows[0]),
    ]),
  );
}

/** A list has room for the beginning of a reason; `show` prints all of it. */
const maxReasonCharacters = 60;

function reasonOf(row: ParkedRow | undefined): string {
  if (row === undefined) return "its rows were dropped: retry releases it";
  const reason = `${row.reason.code}: ${row.reason.message}`;
  return reason.length > maxReasonCharacters ? `${reason.slice(0, maxReasonCharacters)}...` : reason;
}

async function show({ shop, terminal }: CommandContext, aggregate: string, json: boolean): Promise<ExitCode> {
  const parked = await found(shop, aggregate);
  if (json) terminal.printJson(plain(parked));
  else terminal.print(parked.rows.map((row) => rowText(aggregate, row)).join("\n\n"));
  return exitCodes.fine;
}

async function found(shop: CommandContext["shop"], aggregate: string): Promise<ParkedAggregate> {
  const parked = await parkedAggregate(shop, aggregate);
  if (parked !== undefined) return parked;
  throw new OperatorError(
    `Nothing of ${aggregate} is parked${shop.name && ` in ${shop.name}`}: doubleshot parked list has all that is.`,
  );
}

function rowText(aggregate: string, { version, reason, parkedAt, events, row }: ParkedRow): string {
  const head = `${pc.bold(aggregate)} version ${version}, parked ${parkedAt}\n${pc.red(reason.code)}: ${reason.message}`;
  const unreadable = row === undefined ? [] : [`the stored row:\n${messageText(row)}`];
  return [
    head,
    ...events.map(({ id, type, json }) => `${type} ${pc.dim(id)}\n${messageText(json)}`),
    ...unreadable,
  ].join("\n");
}

async function retry(
  { shop, terminal, signal }: CommandContext,
  { aggregates, rate, json }: { aggregates: readonly string[]; rate: number; json: boolean },
): Promise<ExitCode> {
  const wanted = aggregates.length > 0 ? aggregates : (await parkedAggregates(shop)).map(({ aggregate }) => aggregate);
  const results: ({ readonly aggregate: string } & RetryOutcome)[] = [];
  for (const aggregate of wanted) {
    const onPublished = ({ version }: { version: number }) => terminal.progress(`${aggregate}: version ${version}`);
    const result = { aggregate, ...(await retryParked(shop, aggregate, { rate, signal, onPublished })) };
    results.push(result);
    if (!json) terminal.print(outcomeText(result));
  }
  if (json) terminal.printJson(results);
  else if (results.length === 0) terminal.print(pc.green("Nothing is parked."));
  const failed = results.some(
    ({ outcome }) => outcome === "refused" || (outcome === "not-parked" && aggregates.length > 0),
  );
  return failed ? exitCodes.failed : exitCodes.fine;
}

function outcomeText({ aggregate, ...result }: { readonly aggregate: string } & RetryOutcome): string {
  switch (result.outcome) {
    case "released":
      return `${pc.green("released")}  ${aggregate}: ${count(result.events, "event")} published`;
    case "refused":
      return `${pc.red("refused")}   ${aggregate}: version ${result.version}: ${result.reason}`;
    case "not-parked":
      return `${pc.yellow("nothing")}   ${aggregate}: it is not parked`;
  }
}

async function drop(
  { shop, terminal }: CommandContext,
  { aggregate, version, yes, json }: { aggregate: string; version: number | undefined; yes: boolean; json: boolean },
): Promise<ExitCode> {
  const parked = await found(shop, aggregate);
  const row = version === undefined ? parked.rows[0] : parked.rows.find((each) => each.version === version);
  if (row === undefined) {
    const versions = parked.rows.map((each) => each.version).join(", ") || "none";
    throw new OperatorError(
      `Version ${version ?? ""} of ${aggregate} is not parked: the parked versions are ${versions}.`,
    );
  }
  terminal.report(rowText(aggregate, row));
  const confirmed = yes || (await terminal.confirm(`Delete version ${row.version} of ${aggregate} for good?`));
  if (confirmed === undefined) throw new UsageError("There is no terminal to confirm this: add --yes to drop it.");
  if (!confirmed) throw new OperatorError("Nothing was dropped.");
  const outcome = await dropParked(shop, parked, row.version);
  if (json) terminal.printJson({ aggregate, version: row.version, outcome });
  else terminal.print(`${pc.green(outcome.replaceAll("-", " "))}  ${aggregate} version ${row.version}`);
  return outcome === "not-found" ? exitCodes.failed : exitCodes.fine;
}

const plain = ({ outbox, ...rest }: ParkedAggregate) => ({ outbox: outbox.name, ...rest });
