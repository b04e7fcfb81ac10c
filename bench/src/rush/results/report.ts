import pc from "picocolors";
import type { AttackResult } from "../faults/attack.ts";
import type { RunResult } from "../runs.ts";
import { type Comparison, compare, maxGrowth } from "./comparison.ts";
import { isPerfect } from "./scoreboard.ts";

/** The table at the end of a rush, with the verdict and the first errors. */
export function report(result: RunResult): string {
  const { customers, served, errors, duplicates, crossed, retries, waitMs, finishToAnswerMs } = result;
  const rows: [string, string][] = [
    ["served", `${served} of ${customers}`],
    ["errors", String(errors.length)],
    ["duplicates", String(duplicates)],
    ["crossed answers", String(crossed)],
    ["retries", String(retries)],
    ["wait", `p50 ${seconds(waitMs.p50)}   p95 ${seconds(waitMs.p95)}   p99 ${seconds(waitMs.p99)}`],
    ["finish to answer", `p50 ${milliseconds(finishToAnswerMs.p50)}   p99 ${milliseconds(finishToAnswerMs.p99)}`],
    ...(result.attack ? [["attacker", attackLine(result.attack)] as [string, string]] : []),
    ...(result.killed ? [["killed", killedLine(result.killed)] as [string, string]] : []),
  ];
  const complaints = errors.slice(0, 5).map((error) => pc.dim(`  ${error}`));
  if (errors.length > complaints.length) complaints.push(pc.dim(`  and ${errors.length - complaints.length} more`));
  const table = rows.map(([name, value]) => `  ${name.padEnd(18)}${value}`);
  return ["", ...table, "", verdictOf(result), ...complaints, ""].join("\n");
}

function verdictOf(result: RunResult): string {
  if (isPerfect(result)) return pc.green("Every customer got exactly one 200 with their own order.");
  const left = `${result.unanswered} of ${result.customers} customers still waited for their orders`;
  switch (result.cutShort) {
    case "interrupted":
      return pc.red(`Interrupted: ${left}.`);
    case "stalled":
      return pc.red(`Stopped without progress: ${left}. Check that the shop is open.`);
    default:
      return pc.red("Not every customer got exactly one 200 with their own order.");
  }
}

/** The attacker's effect on the customers' waits; empty when there is nothing to compare. */
export function comparison(results: readonly RunResult[]): string {
  const compared = compare(results);
  if (compared === undefined) return "";
  const { calm, attacked, growth, noise } = compared;
  const shared = results.filter(({ hasOneAddress }) => hasOneAddress);
  const rows: [string, string][] = [
    ["calm", `${seconds(calm)}, the rushes ${percent(noise)} apart`],
    ["attacked", `${seconds(attacked)}, ${signed(growth)}`],
    ...shared.map(({ waitMs }): [string, string] => [
      "attacked, all customers at one address",
      `${seconds(waitMs.p95)}, ${signed(waitMs.p95 / calm - 1)}`,
    ]),
  ];
  const lines = rows.map(([name, value]) => `  p95 wait, ${name}: ${value}`);
  return ["", ...lines, "", comparisonVerdict(compared), ""].join("\n");
}

function comparisonVerdict({ verdict }: Comparison): string {
  const most = `${100 * maxGrowth} %`;
  switch (verdict) {
    case "within":
      return pc.green(`The attacker cost the customers at most ${most} of p95 wait.`);
    case "over":
      return pc.red(`The attacker cost the customers more than ${most} of p95 wait.`);
    case "unclear":
      return pc.yellow(
        `More than ${most}, but rushes with and without the attacker overlap, or were too few: --rounds tries more.`,
      );
  }
}

function attackLine({ statuses, refusedWithinMs }: AttackResult): string {
  const total = Object.values(statuses).reduce((sum, count) => sum + count, 0);
  const refused = statuses["429"] ?? 0;
  const rest = Object.entries(statuses).filter(([status]) => status !== "429");
  const others = rest.map(([status, count]) => `${count} ${status === "200" ? "served" : status}`).join(", ");
  return `${total} orders: ${refused} refused (429) within ${seconds(refusedWithinMs)}, ${others}`;
}

function killedLine(killed: Readonly<Record<string, number>>): string {
  const names = Object.entries(killed).sort(([one], [other]) => one.localeCompare(other));
  return names.map(([name, times]) => `${name} ${times}×`).join(", ") || "none";
}

function seconds(ms: number): string {
  return Number.isNaN(ms) ? "-" : `${(ms / 1000).toFixed(2)} s`;
}

function milliseconds(ms: number): string {
  return Number.isNaN(ms) ? "-" : `${ms.toFixed(1)} ms`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function signed(share: number): string {
  return `${share >= 0 ? "+" : ""}${percent(share)}`;
}
