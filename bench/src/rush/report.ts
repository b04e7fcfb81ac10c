import pc from "picocolors";
import type { AttackResult } from "./attack.ts";
import type { RunResult } from "./runs.ts";
import { isPerfect } from "./tally.ts";

/** The table at the end of a rush, and what was wrong if something was. */
export function report(result: RunResult): string {
  const { customers, served, errors, duplicates, crossed, retries, wait, finishToAnswer } = result;
  const rows: [string, string][] = [
    ["served", `${served} of ${customers}`],
    ["errors", String(errors.length)],
    ["duplicates", String(duplicates)],
    ["crossed answers", String(crossed)],
    ["retries", String(retries)],
    ["wait", `p50 ${seconds(wait.p50)}   p95 ${seconds(wait.p95)}   p99 ${seconds(wait.p99)}`],
    ["finish to answer", `p50 ${milliseconds(finishToAnswer.p50)}   p99 ${milliseconds(finishToAnswer.p99)}`],
    ...(result.attack ? [["attacker", attackLine(result.attack)] as [string, string]] : []),
    ...(result.killed ? [["killed", killedLine(result.killed)] as [string, string]] : []),
  ];
  const verdict = isPerfect(result)
    ? pc.green("Every customer got exactly one 200 with their own order.")
    : pc.red("Not every customer got exactly one 200 with their own order.");
  const complaints = errors.slice(0, 5).map((error) => pc.dim(`  ${error}`));
  if (errors.length > complaints.length) complaints.push(pc.dim(`  and ${errors.length - complaints.length} more`));
  const table = rows.map(([name, value]) => `  ${name.padEnd(18)}${value}`);
  return ["", ...table, "", verdict, ...complaints, ""].join("\n");
}

/** How much longer customers waited than in the first run; nothing when there was but one. */
export function comparison([first, ...others]: readonly RunResult[]): string {
  if (first === undefined) return "";
  const lines = others.map((other) => {
    const growth = 100 * (other.wait.p95 / first.wait.p95 - 1);
    const who = other.oneAddress ? "all customers at one address" : "each customer at their own";
    return `  p95 wait, attacked, ${who}: ${seconds(other.wait.p95)}, ${growth >= 0 ? "+" : ""}${growth.toFixed(1)} %\n`;
  });
  return lines.length === 0 ? "" : ["\n", ...lines].join("");
}

function attackLine({ statuses, refusedWithin }: AttackResult): string {
  const total = Object.values(statuses).reduce((sum, count) => sum + count, 0);
  const refused = statuses["429"] ?? 0;
  const rest = Object.entries(statuses).filter(([status]) => status !== "429");
  const others = rest.map(([status, count]) => `${count} ${status === "200" ? "served" : status}`).join(", ");
  return `${total} orders: ${refused} refused (429) within ${seconds(refusedWithin)}, ${others}`;
}

function killedLine(killed: Readonly<Record<string, number>>): string {
  const names = Object.entries(killed).sort(([one], [other]) => one.localeCompare(other));
  return names.map(([name, times]) => `${name} ${times}×`).join(", ") || "nobody";
}

function seconds(ms: number): string {
  return Number.isNaN(ms) ? "-" : `${(ms / 1000).toFixed(2)} s`;
}

function milliseconds(ms: number): string {
  return Number.isNaN(ms) ? "-" : `${ms.toFixed(1)} ms`;
}
