import {
  count,
  type DeadLetter,
  type DeadLetterList,
  deadLetters,
  OperatorError,
  type RedriveOptions,
  type RedriveResult,
  redrive,
  span,
} from "@doubleshot/operations";
import pc from "picocolors";
import { type Command, type CommandContext, type ExitCode, exitCodes } from "../command.ts";
import { duration, noMore, parse, takeOnly, UsageError, wholeNumber } from "../command-line.ts";
import { messageText } from "../output/message-text.ts";
import { table } from "../output/table.ts";

const options = {
  subscriber: { type: "string" },
  aggregate: { type: "string" },
  drop: { type: "string", multiple: true },
  yes: { type: "boolean", short: "y", default: false },
  undelivered: { type: "boolean", default: false },
  rate: { type: "string", default: "50" },
  patience: { type: "string", default: "20s" },
} as const;

export const deadCommand: Command = {
  summary: "dead letters of the subscribers: list, show, redrive",
  help: `doubleshot dead list                                    the dead letters, the first of each aggregate
doubleshot dead show <aggregate | event id>             its messages, and the errors
doubleshot dead redrive [--aggregate A] [--rate 50]     send them back, in order for each aggregate

  --subscriber S   those of this subscriber only; for list, show and redrive
  --drop ID        delete this dead letter for good instead of sending it back; asks first, unless --yes is given
  --undelivered    redrive messages that SNS could not deliver, instead of those that the subscriber gave up
  --rate N         messages a second
  --patience T     how long to wait for dead letters that are known to exist but not visible yet (20s)
  --json           for machines
`,
  prepare(args) {
    const { values, positionals, given } = parse("dead", args, options);
    if (values.help) return "help";
    const { subscriber, aggregate, drop = [], yes, json } = values;
    const [verb = "", ...rest] = positionals;
    if (verb === "list" || verb === "show") takeOnly(`dead ${verb}`, given, ["subscriber"]);
    const from = values.undelivered ? "undelivered" : "dead";
    const rate = wholeNumber("rate", values.rate);
    const patienceMs = duration("patience", values.patience);
    switch (verb) {
      case "list":
        noMore("dead", rest);
        return (run) => list(run, subscriber, json);
      case "show": {
        const [aggregateOrId, ...more] = rest;
        if (aggregateOrId === undefined)
          throw new UsageError("Name the aggregate or event to show: doubleshot dead list has them.");
        noMore("dead", more);
        return (run) => show(run, { subscriber, aggregateOrId }, json);
      }
      case "redrive":
        noMore("dead", rest);
        return async (run) => {
          checkSubscriber(run, subscriber);
          if (!yes) await confirmDrop(run, drop);
          return redriveAll(run, { subscriber, aggregate, from, drop, rate, patienceMs }, json);
        };
      default:
        throw new UsageError("Name a subcommand: doubleshot dead list, show or redrive.");
    }
  },
};

/** @throws UsageError that names the subscribers. Their names are known when the shop is found. */
function checkSubscriber({ shop }: CommandContext, named: string | undefined): void {
  const names = shop.subscribers.map(({ name }) => name);
  if (named === undefined || names.includes(named)) return;
  throw new UsageError(`--subscriber is ${JSON.stringify(named)}: the subscribers are ${names.join(", ")}.`);
}

async function list(context: CommandContext, subscriber: string | undefined, json: boolean): Promise<ExitCode> {
  checkSubscriber(context, subscriber);
  const { shop, terminal } = context;
  const found = await deadLetters(shop, { subscriber });
  if (json) terminal.printJson(found);
  else terminal.print(found.total === 0 ? pc.green("There are no dead letters.") : listText(found));
  return exitCodes.fine;
}

function listText({ letters, more }: DeadLetterList): string {
  const now = Date.now();
  const rows = letters.map((letter) => [
    letter.subscriber,
    pc.bold(letter.aggregate),
    letter.type || pc.red("unreadable"),
    letter.id,
    `${span(now - Date.parse(letter.deadAt))} ago`,
    letter.attempts === undefined ? "-" : String(letter.attempts),
    letter.from === "undelivered" ? "SNS could not deliver it" : letter.error,
  ]);
  const unread = more.map(
    (each) =>
      `${count(each.count, "more dead letter")} of ${each.subscriber} behind these, or received by another consumer.`,
  );
  const listed = table(["subscriber", "aggregate", "event", "id", "#dead since", "#attempts", "error"], rows);
  return [listed, ...(unread.length > 0 ? ["", ...unread] : [])].join("\n");
}

async function show(
  context: CommandContext,
  wanted: { readonly subscriber: string | undefined; readonly aggregateOrId: string },
  json: boolean,
): Promise<ExitCode> {
  checkSubscriber(context, wanted.subscriber);
  const { shop, terminal } = context;
  const { letters } = await deadLetters(shop, wanted);
  if (letters.length === 0) {
    throw new OperatorError(
      `No dead letter of ${wanted.aggregateOrId} is visible: doubleshot dead list has those that are; others may be behind them.`,
    );
  }
  if (json) terminal.printJson(letters);
  else terminal.print(letters.map(letterText).join("\n\n"));
  return exitCodes.fine;
}

function letterText({ subscriber, aggregate, type, id, deadAt, attempts, error, body }: DeadLetter): string {
  return [
    `${pc.bold(aggregate)} ${type} ${pc.dim(id)}`,
    `given up by ${subscriber} at ${deadAt}${attempts === undefined ? "" : ` after ${count(attempts, "attempt")}`}`,
    pc.red(error),
    messageText(body),
  ].join("\n");
}

async function confirmDrop({ terminal }: CommandContext, drop: readonly string[]): Promise<void> {
  if (drop.length === 0) return;
  const confirmed = await terminal.confirm(`Delete ${drop.join(", ")} for good?`);
  if (confirmed === undefined) throw new UsageError("There is no terminal to confirm this: add --yes to drop it.");
  if (!confirmed) throw new OperatorError("Nothing was dropped, and nothing was sent back.");
}

async function redriveAll(
  { shop, terminal, signal }: CommandContext,
  options: RedriveOptions,
  json: boolean,
): Promise<ExitCode> {
  let sent = 0;
  const onSent = () => {
    sent += 1;
    terminal.progress(`${count(sent, "message")} sent back`);
  };
  const results = await redrive(shop, { ...options, signal, onSent });
  if (json) terminal.printJson(results);
  else
    terminal.print(
      results.length === 0 ? pc.green("There was nothing to redrive.") : results.map(resultText).join("\n"),
    );
  return results.every(({ outcome }) => outcome === "redriven") ? exitCodes.fine : exitCodes.failed;
}

function resultText({ subscriber, aggregate, sent, dropped, outcome, reason }: RedriveResult): string {
  const colour = outcome === "redriven" ? pc.green : pc.red;
  const why = reason === undefined ? "" : ` (${reason})`;
  const without = dropped === 0 ? "" : `, ${dropped} dropped`;
  return `${colour(outcome.replace("-", " "))}  ${aggregate}: ${count(sent, "message")} sent back to ${subscriber}${without}${why}`;
}
