import { costItems, costOfMillion, fargateAt, readUnits, roundedLogBytes } from "./cost-of-orders.ts";
import type { OrderUnits } from "./measure-order.ts";

/** Orders a second. */
export const rates = [10, 1_000, 30_000, 300_000] as const;

const dollars = (amount: number) => amount.toFixed(2).padStart(9);
const line = (name: string, cells: readonly string[]) => [name.padEnd(24), ...cells].join(" ").trimEnd();

/** The units of one order, as `docs/capacity.md` has them. */
export function unitsReport(units: OrderUnits): string {
  const rows: readonly (readonly [string, number])[] = [
    ["write request units", units.writeUnits],
    ["read request units", readUnits(units)],
    ["reads of marker indexes", units.markerReads],
    ["messages published", units.published],
    ["bytes of messages", units.publishedBytes],
    ["receives", units.receives],
    ["deletions", units.otherQueueCalls],
    ["bytes of logs, at most", roundedLogBytes(units)],
  ];
  return rows.map(([name, count]) => line(name, [count.toLocaleString("en").padStart(9)])).join("\n");
}

/** Dollars for a million orders at each rate, as `docs/capacity.md` has them. */
export function costReport(units: OrderUnits): string {
  const costs = rates.map((rate) => costOfMillion(units, rate));
  const rows = costItems.map((item) =>
    line(
      item,
      costs.map((cost) => dollars(cost[item])),
    ),
  );
  const sums = costs.map((cost) => costItems.reduce((sum, item) => sum + cost[item], 0));
  const tasks = rates.map((rate) => fargateAt(rate).tasks.toLocaleString("en").padStart(9));
  const head = rates.map((rate) => rate.toLocaleString("en").padStart(9));
  return [
    line("orders a second", head),
    ...rows,
    line("a million orders, $", sums.map(dollars)),
    line("tasks", tasks),
  ].join("\n");
}
