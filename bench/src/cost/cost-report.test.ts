import { readFileSync } from "node:fs";
import { beforeAll, expect, test } from "vitest";
import { costOfMillion } from "./cost-of-orders.ts";
import { costReport, unitsReport } from "./cost-report.ts";
import { measureOrder, type OrderUnits } from "./measure-order.ts";
import { prices } from "./prices.ts";

const page = readFileSync(new URL("../../../docs/capacity.md", import.meta.url), "utf8");

const remedy = "The cost of an order has changed: put what `npm run cost -w bench` prints into docs/capacity.md";

let units: OrderUnits;
beforeAll(async () => {
  units = await measureOrder();
});

test("the page has the units of an order, as they are measured now", () => {
  expect(page, remedy).toContain(`\n${unitsReport(units)}\n`);
});

test("the page has the cost that follows from these units, and the region and date of the prices", () => {
  expect(page, remedy).toContain(`\n${costReport(units)}\n`);
  expect(page).toContain(`${prices.region}, ${prices.asOf}`);
});

test("more work costs more, and calls that are shared cost less", () => {
  const dearer = { ...units, writeUnits: units.writeUnits + 1 };
  expect(costOfMillion(dearer, 10).DynamoDB - costOfMillion(units, 10).DynamoDB).toBeCloseTo(prices.writeUnits);
  expect(costOfMillion(units, 1_000).SQS).toBeLessThan(costOfMillion(units, 10).SQS);
});
