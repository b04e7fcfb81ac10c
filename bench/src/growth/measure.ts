import { setTimeout as sleep } from "node:timers/promises";
import { percentile } from "../rush/percentile.ts";
import { closedLoop } from "./closed-loop.ts";
import { type ByProcess, cpuPercent, cpuTime, diskUsage, resident, total } from "./footprint.ts";
import { GrownShop } from "./grown-shop.ts";
import { addHistory } from "./history.ts";
import type { Sample } from "./metrics.ts";
import { firstOrderMs, orderInTurnMs, ordersInTurn, pauses } from "./paused-orders.ts";

export interface Growth {
  /** Folder of the shop's data; empty at first. */
  readonly folder: string;
  /** In orders, ascending. */
  readonly histories: readonly number[];
  /** Orders that are served and measured at each history. */
  readonly measured: number;
  readonly signal: AbortSignal;
  /** Prints one line of progress. */
  readonly report: (line: string) => void;
}

const loop = { callers: 48, baristas: 16, warmUp: 300 } as const;
/** The shop counts as idle after this time without an order. */
const idleAfterMs = 10_000;
/** Duration of the measurement of the idle shop. */
const idleForMs = 60_000;

/** Measures the shop at each history, each time in new processes. */
export async function measure(growth: Growth): Promise<Sample[]> {
  const { folder, histories, measured, signal, report } = growth;
  // Histories are copies of this order's rows. The first start also creates the tables, so later starts do not time that.
  await (await GrownShop.open(folder, signal)).shop.close();
  let served = 1;
  const samples: Sample[] = [];
  for (const history of histories) {
    const onProgress = (made: number) => {
      if (made % 5_000 === 0) report(`  ${(served + made).toLocaleString("en")} orders in the history`);
    };
    await addHistory(folder, history - served, { signal, onProgress });
    served = Math.max(served, history);
    report(`${history.toLocaleString("en")} orders: opening the shop`);
    samples.push(await sampleOf(growth, history));
    served += 1 + loop.warmUp + measured + loop.callers + ordersInTurn + pauses;
  }
  return samples;
}

async function sampleOf({ folder, measured, signal, report }: Growth, history: number): Promise<Sample> {
  const { shop, servedMs: startMs } = await GrownShop.open(folder, signal);
  await using _ = shop;
  const startTime = cpuTime(shop.pid);
  const startCpuMs = total(startTime);
  report(`  first order served after ${Math.round(startMs)} ms`);
  report(`  which took, in ms of CPU: ${listed(startTime, (value) => value.toFixed(0))}`);
  const places = { orders: shop.orders, barista: shop.barista };
  const { ordersPerSecond, finishToAnswerMs } = await closedLoop({ ...loop, ...places, measured, signal });
  const orderCpuMs = (total(cpuTime(shop.pid)) - startCpuMs) / (loop.warmUp + measured + loop.callers);
  report(`  ${ordersPerSecond.toFixed(1)} orders a second`);
  const inTurnMs = await orderInTurnMs({ ...places, signal });
  await sleep(idleAfterMs, undefined, { signal });
  const cpu = await cpuPercent(shop.pid, idleForMs, signal);
  report(`  idle, percent of a core: ${listed(cpu, (value) => value.toFixed(1))}`);
  const firstMs = await firstOrderMs({ ...places, signal }, idleAfterMs);
  report(`  an order after another ${inTurnMs.toFixed(1)} ms, the first after a pause ${firstMs.toFixed(1)} ms`);
  const memory = resident(shop.pid);
  report(`  resident, MB: ${listed(memory, (value) => (value / 1e6).toFixed(0))}`);
  return {
    history,
    ordersPerSecond,
    orderCpuMs,
    finishP50Ms: percentile(finishToAnswerMs, 50),
    finishP99Ms: percentile(finishToAnswerMs, 99),
    idleCpuPercent: total(cpu),
    pauseCostsMs: firstMs - inTurnMs,
    startMs,
    startCpuMs,
    memory: total(memory),
    disk: await diskUsage(folder),
  };
}

const listed = (values: ByProcess, text: (value: number) => string): string =>
  Object.entries(values)
    .toSorted(([one], [other]) => one.localeCompare(other))
    .map(([name, value]) => `${name} ${text(value)}`)
    .join(", ");
