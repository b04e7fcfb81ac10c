import {
  count,
  planReplay,
  type ReplayPlan,
  type ReplayRange,
  type ReplayResult,
  replay,
  replayCost,
  scanCost,
  span,
} from "@doubleshot/operations";
import pc from "picocolors";
import { type Command, type CommandContext, exitCodes } from "../command.ts";
import { instant, noMore, parse, UsageError, wholeNumber } from "../command-line.ts";
import { table } from "../output/table.ts";

export const replayCommand: Command = {
  summary: "publish outbox rows again",
  help: `doubleshot replay --from T --to T [--aggregate A] [--queue Q] [--rate 50] [--execute] [--json]

  --from, --to    instants (2026-11-21T08:30:00Z), or how long ago they were (2h); --to is now, if not given
  --aggregate A   only this aggregate; queries its rows instead of scanning
  --queue Q       to this queue only, for example of a new subscriber; else to all, through the topic
  --rate N        events a second
  --execute       send; without it, the plan and its cost are printed, and nothing is sent

Events of an aggregate are sent in order. Subscribers that have handled them ignore them. Parked rows, and those behind
them, are left out.
`,
  prepare(args) {
    const { values, positionals } = parse("replay", args, {
      from: { type: "string" },
      to: { type: "string", default: "0s" },
      aggregate: { type: "string" },
      queue: { type: "string" },
      rate: { type: "string", default: "50" },
      execute: { type: "boolean", default: false },
    });
    if (values.help) return "help";
    noMore("replay", positionals);
    const { aggregate, queue, execute, json } = values;
    if (values.from === undefined)
      throw new UsageError("Give the beginning: --from 2h, or --from 2026-11-21T08:30:00Z.");
    const now = Date.now();
    const range = { from: instant("from", values.from, now), to: instant("to", values.to, now), aggregate, queue };
    if (range.from >= range.to) throw new UsageError("--from is not before --to: there is nothing in between.");
    const rate = wholeNumber("rate", values.rate);
    return (run) => replayRange(run, range, { rate, execute, json });
  },
};

async function replayRange(
  { shop, terminal, signal }: CommandContext,
  range: ReplayRange,
  { rate, execute, json }: { rate: number; execute: boolean; json: boolean },
) {
  const { queue, aggregate } = range;
  const queues = shop.subscribers.map((subscriber) => subscriber.queue);
  if (queue !== undefined && !queues.includes(queue)) {
    throw new UsageError(`--queue is ${JSON.stringify(queue)}: the subscribers' queues are ${queues.join(", ")}.`);
  }
  if (aggregate === undefined) {
    for (const { outbox, size } of await replayCost(shop, range))
      terminal.report(`Scanning ${outbox}: ${scanCost(size)}.`);
  }
  const plan = await planReplay(shop, range, {
    signal,
    onProgress: (rows) => terminal.progress(`${count(rows, "row")} found`),
  });
  terminal.report(`Read ${count(plan.readUnits, "read unit")}.`);
  const onSent = (events: number) => terminal.progress(`${count(events, "event")} sent`);
  const sent = execute ? await replay(shop, plan, { queue, rate, signal, onSent }) : undefined;
  if (json) terminal.printJson({ outboxes: plan.outboxes, readUnits: plan.readUnits, executed: execute, ...sent });
  else terminal.print(describe(plan, { to: queue ?? "all subscribers", rate, sent }));
  return exitCodes.fine;
}

function describe(
  { outboxes, rows }: ReplayPlan,
  { to, rate, sent }: { to: string; rate: number; sent: ReplayResult | undefined },
): string {
  const found = table(
    ["outbox", "#rows", "#aggregates", "#left out, parked"],
    outboxes.map(({ outbox, ...each }) => [
      outbox,
      String(each.rows),
      String(each.aggregates),
      String(each.behindParked),
    ]),
  );
  if (sent === undefined) {
    const time = span((rows.length / rate) * 1_000);
    return `${found}\n\n${pc.yellow("Nothing was sent")}: ${count(rows.length, "row")} would go to ${to}, at ${rate} events a second in about ${time}, more if rows hold several events. Add --execute to send them.`;
  }
  const expired = sent.expired === 0 ? "" : ` ${count(sent.expired, "row")} had expired meanwhile.`;
  const unreadable = sent.unreadable === 0 ? "" : ` ${count(sent.unreadable, "row")} had no events to send.`;
  return `${found}\n\n${pc.green("Sent")} ${count(sent.events, "event")} to ${to}.${expired}${unreadable}`;
}
