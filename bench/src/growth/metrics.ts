/** Measurements of a shop with a history. */
export interface Sample {
  /** Orders in its history when it was opened. */
  readonly history: number;
  readonly ordersPerSecond: number;
  /** Milliseconds of processor time of all processes, for each order. Other work on the machine changes it least. */
  readonly orderCpuMs: number;
  /** Milliseconds. */
  readonly finishP50Ms: number;
  readonly finishP99Ms: number;
  /** Percent of a core, of all processes. */
  readonly idleCpuPercent: number;
  /** Milliseconds that the first order after a pause takes longer than an order after another. */
  readonly pauseCostsMs: number;
  /** From `npm start` to the first order served. */
  readonly startMs: number;
  /** Milliseconds of processor time of that start. */
  readonly startCpuMs: number;
  /** Resident bytes of all processes. */
  readonly memory: number;
  /** Bytes. */
  readonly disk: number;
}

export interface Metric {
  readonly name: string;
  readonly unit: string;
  read(sample: Sample): number;
  readonly digits: number;
  /** Less than this is no difference, in the metric's unit. */
  readonly resolution: number;
  /** The worst value allowed, in place of 20 % more than without history. */
  readonly limit?: number;
  /** Absent: it may grow. */
  readonly better?: "more" | "less";
}

export const metrics: readonly Metric[] = [
  { name: "orders a second", unit: "/s", read: (of) => of.ordersPerSecond, digits: 1, resolution: 0, better: "more" },
  { name: "CPU an order", unit: "ms", read: (of) => of.orderCpuMs, digits: 1, resolution: 0, better: "less" },
  { name: "finish to 200, p50", unit: "ms", read: (of) => of.finishP50Ms, digits: 1, resolution: 1, better: "less" },
  { name: "finish to 200, p99", unit: "ms", read: (of) => of.finishP99Ms, digits: 1, resolution: 1, better: "less" },
  { name: "idle, of a core", unit: "%", read: (of) => of.idleCpuPercent, digits: 1, resolution: 0.5, better: "less" },
  {
    name: "first after a pause",
    unit: "ms",
    read: (of) => of.pauseCostsMs,
    digits: 1,
    resolution: 0,
    limit: 300,
    better: "less",
  },
  {
    name: "npm start to served",
    unit: "s",
    read: (of) => of.startMs / 1_000,
    digits: 2,
    resolution: 0,
    better: "less",
  },
  {
    name: "CPU of that start",
    unit: "s",
    read: (of) => of.startCpuMs / 1_000,
    digits: 2,
    resolution: 0,
    better: "less",
  },
  { name: "resident memory", unit: "MB", read: (of) => of.memory / 1e6, digits: 0, resolution: 0, better: "less" },
  { name: "data on disk", unit: "MB", read: (of) => of.disk / 1e6, digits: 1, resolution: 0 },
];

/** Share by which a value may be worse than without history. */
export const allowance = 0.2;

/** Returns whether the value is within the allowance; true for a metric that may grow. */
export function isHeld(metric: Metric, first: Sample, sample: Sample): boolean {
  if (metric.limit !== undefined) return metric.read(sample) <= metric.limit;
  const [before, after] = [metric.read(first), metric.read(sample)];
  const worse = metric.better === "more" ? before - after : after - before;
  return metric.better === undefined || worse <= Math.max(before * allowance, metric.resolution);
}

/** A table with a line for each metric and a column for each history. The last column shows whether all are within 20 %. */
export function table(samples: readonly Sample[]): string {
  const [first] = samples;
  if (first === undefined) return "";
  const head = ["history, in orders", ...samples.map(({ history }) => history.toLocaleString("en")), "within 20 %"];
  const lines = metrics.map((metric) => [
    metric.name,
    ...samples.map((sample) => `${metric.read(sample).toFixed(metric.digits)} ${metric.unit}`),
    verdict(metric, first, samples),
  ]);
  return [head, ...lines]
    .map(([name = "", ...cells]) => `${name.padEnd(22)}${cells.map((cell) => cell.padStart(13)).join("")}`)
    .join("\n");
}

function verdict(metric: Metric, first: Sample, samples: readonly Sample[]): string {
  if (metric.better === undefined) return "may grow";
  return samples.every((sample) => isHeld(metric, first, sample)) ? "yes" : "NO";
}
