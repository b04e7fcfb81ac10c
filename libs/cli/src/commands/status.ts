import {
  count,
  type EndpointStatus,
  endpoints,
  type InstanceStatus,
  instances,
  type OutboxStatus,
  type QueueStatus,
  type StuckItems,
  span,
  status,
  stuckItems,
} from "@doubleshot/operations";
import pc from "picocolors";
import { type Command, type CommandContext, exitCodes } from "../command.ts";
import { noMore, parse, wholeNumber } from "../command-line.ts";
import { table } from "../output/table.ts";

export const statusCommand: Command = {
  summary: "the state of the outboxes, the queues and the processes",
  help: `doubleshot status [--rows 2000] [--json]

  --rows N   rows of each outbox to read, spread over the whole table if it has more

Lag is the age of the oldest event that its subscribers have not handled and that is neither parked nor dead: nothing
is ever marked as sent, so there is nothing else to read it from. <SERVICE>_URL is the address of a
service whose readiness is checked; the services of a shop on this machine have known addresses.
`,
  prepare(args) {
    const { values, positionals } = parse("status", args, { rows: { type: "string", default: "2000" } });
    if (values.help) return "help";
    noMore("status", positionals);
    const sample = wholeNumber("rows", values.rows, 16);
    return async ({ shop, services, terminal }: CommandContext) => {
      terminal.progress("reading outboxes and queues");
      const [report, stuck, asked, seen] = await Promise.all([
        status(shop, { sample }),
        stuckItems(shop),
        endpoints(services),
        instances(shop),
      ]);
      if (values.json) terminal.printJson({ shop: shop.name, ...report, stuck, endpoints: asked, instances: seen });
      else {
        const tables = [
          outboxes(report.outboxes),
          queues(report.queues),
          stuckTable(stuck),
          endpointTable(asked),
          instanceTable(seen),
        ];
        terminal.print(tables.filter((text) => text !== "").join("\n\n"));
      }
      return exitCodes.fine;
    };
  },
};

const alarm = (amount: number, text = String(amount)) => (amount > 0 ? pc.red(text) : text);

function outboxes(all: readonly OutboxStatus[]): string {
  const now = Date.now();
  const rows = all.map((each) => [
    pc.bold(each.outbox),
    each.sampled < each.rows ? `${each.sampled} of ${each.rows}` : String(each.rows),
    each.newest === undefined ? "-" : `${span(now - Date.parse(each.newest))} ago`,
    each.relayedMs === undefined ? "-" : span(each.relayedMs),
    each.handledMs === undefined ? "-" : span(each.handledMs),
    lag(each),
    alarm(each.parked.aggregates, `${each.parked.aggregates} (${count(each.parked.rows, "row")})`),
    alarm(each.failedBatches),
  ]);
  return table(["outbox", "#rows", "#newest", "#relayed in", "#handled in", "lag", "#parked", "#given up"], rows);
}

/** From a minute on, an operator should look; see docs/operations.md. */
function lag({ lagMs, underWay, lagging }: OutboxStatus): string {
  if (underWay === 0) return pc.green("none");
  const text = `${span(lagMs)} (${count(underWay, "event")}, at the ${lagging})`;
  return lagMs >= 60_000 ? pc.red(text) : pc.yellow(text);
}

function queues(all: readonly QueueStatus[]): string {
  const rows = all.map((each) => [
    pc.bold(each.queue),
    each.subscriber,
    String(each.waiting),
    String(each.inHand),
    each.oldestMs === 0 ? "-" : span(each.oldestMs),
    alarm(each.dead),
    alarm(each.undelivered),
  ]);
  return table(["queue", "subscriber", "#waiting", "#in hand", "#oldest event", "#dead", "#undelivered"], rows);
}

function stuckTable(all: readonly StuckItems[]): string {
  if (all.length === 0) return "";
  const now = Date.now();
  const rows = all.map(({ kind, status, maxSeconds, count: stuck, oldest }) => [
    pc.bold(`${kind} ${status}`),
    `${maxSeconds} s`,
    alarm(stuck),
    oldest === undefined ? "-" : `${oldest.id}, ${span(now - Date.parse(oldest.since))}`,
  ]);
  return table(["state", "#passes within", "#stuck", "oldest"], rows);
}

function endpointTable(all: readonly EndpointStatus[]): string {
  if (all.length === 0) return "";
  const rows = all.map(({ service, url, ready, detail }) => [
    pc.bold(service),
    url,
    ready ? pc.green(detail) : pc.red(detail),
  ]);
  return table(["endpoint", "url", "answer"], rows);
}

function instanceTable(all: readonly InstanceStatus[]): string {
  if (all.length === 0) return "";
  const rows = all.map(({ service, id, alive, detail }) => [
    pc.bold(service),
    id,
    alive ? pc.green("alive") : pc.red("lease over"),
    pc.dim(detail),
  ]);
  return table(["instance", "id", "lease", "heartbeat"], rows);
}
