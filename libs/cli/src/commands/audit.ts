import { type AuditReport, audit, auditCost, count, scanCost, span, type Undelivered } from "@doubleshot/operations";
import pc from "picocolors";
import { type Command, type CommandContext, exitCodes } from "../command.ts";
import { duration, noMore, parse } from "../command-line.ts";
import { table } from "../output/table.ts";

export const auditCommand: Command = {
  summary: "events that were committed and never handled",
  help: `doubleshot audit [--older-than 60s] [--json]

  --older-than T   leave out rows younger than this: they are still on their way

Compares every outbox with the inboxes of its subscribers. It reads every outbox once, and half a read unit for each
event and subscriber. Exit code 3 when an event was not delivered.
`,
  prepare(args) {
    const { values, positionals } = parse("audit", args, { "older-than": { type: "string", default: "60s" } });
    if (values.help) return "help";
    noMore("audit", positionals);
    const ageMs = duration("older-than", values["older-than"]);
    return async ({ shop, terminal, signal }: CommandContext) => {
      for (const { outbox, size } of await auditCost(shop)) terminal.report(`Scanning ${outbox}: ${scanCost(size)}.`);
      const report = await audit(shop, {
        committedBefore: Date.now() - ageMs,
        signal,
        onProgress: ({ outbox, rows }) => terminal.progress(`${outbox}: ${count(rows, "row")}`),
      });
      terminal.report(`Read ${count(report.readUnits, "read unit")}.`);
      if (values.json) terminal.printJson({ shop: shop.name, ...report });
      else terminal.print(describe(report, values["older-than"]));
      return report.undelivered.length === 0 ? exitCodes.fine : exitCodes.undelivered;
    };
  },
};

function describe({ outboxes, undelivered }: AuditReport, age: string): string {
  const events = outboxes.reduce((sum, outbox) => sum + outbox.events, 0);
  const rows = outboxes.reduce((sum, outbox) => sum + outbox.rows, 0);
  const audited = `${count(events, "event")} in ${count(rows, "row")} older than ${age}`;
  if (undelivered.length === 0) return `${pc.green("All delivered")}: ${audited}.`;
  return [`${pc.red(`${undelivered.length} not delivered`)} of ${audited}.`, "", undeliveredTable(undelivered)].join(
    "\n",
  );
}

export function undeliveredTable(undelivered: readonly Undelivered[]): string {
  const now = Date.now();
  return table(
    ["#age", "aggregate", "#version", "event", "id", "not handled by", "held"],
    undelivered.map((event) => [
      span(now - Date.parse(event.committedAt)),
      event.aggregate,
      String(event.version),
      event.type,
      event.id,
      event.subscriber,
      event.held === "neither" ? pc.red(event.held) : event.held,
    ]),
  );
}
