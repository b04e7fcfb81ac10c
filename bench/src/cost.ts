import { readArguments } from "./command-line.ts";
import { costReport, unitsReport } from "./cost/cost-report.ts";
import { measureOrder } from "./cost/measure-order.ts";
import { assumptions, prices } from "./cost/prices.ts";
import { servicesCpu } from "./cost/services-cpu.ts";

// npm run cost -w bench: the use of AWS's units by an order, and the price of a million orders. docs/capacity.md has its output.

const { orders } = readArguments("cost", { orders: { min: 1, default: 400 } });
const print = (text: string) => process.stdout.write(`${text}\n`);

const units = await measureOrder();
print(`One order of a guest:\n\n${unitsReport(units)}\n`);
print(`Dollars for a million orders (${prices.region}, ${prices.asOf}):\n\n${costReport(units)}\n`);
const cpuMs = await servicesCpu(orders);
print(
  `Processor time of the services for an order: ${cpuMs.toFixed(1)} ms, reckoned with ${assumptions.cpuMsPerOrder} ms.`,
);
