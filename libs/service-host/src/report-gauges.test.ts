import { Gauge, Registry } from "prom-client";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { reportGauges } from "./report-gauges.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

function gauge(registry: Registry, name: string, read: (gauge: Gauge) => void): void {
  new Gauge({
    name,
    help: name,
    registers: [registry],
    collect() {
      read(this);
    },
  });
}

function reported(registry: Registry, names: readonly string[]) {
  const lines: string[] = [];
  const manifest = { name: "till", scalesOn: Object.fromEntries(names.map((name) => [name, { perProcess: 1 }])) };
  vi.spyOn(process.stdout, "write").mockImplementation((line) => lines.push(String(line)) > 0);
  const { stop } = reportGauges(registry, manifest, "street");
  return { lines, stop };
}

test("a line has the gauges as metrics of the shop, with the service as dimension", async () => {
  vi.setSystemTime(1_000);
  const registry = new Registry();
  let waiting = 7;
  gauge(registry, "till_waiting", (each) => each.set(waiting));
  gauge(registry, "till_unread", (each) => each.remove());
  const { lines, stop } = reported(registry, ["till_waiting", "till_unread"]);
  await vi.advanceTimersByTimeAsync(0);
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    {
      _aws: {
        Timestamp: 1_000,
        CloudWatchMetrics: [
          {
            Namespace: "Doubleshot/street",
            Dimensions: [["Service"]],
            Metrics: [{ Name: "till_waiting", Unit: "None" }],
          },
        ],
      },
      Service: "till",
      till_waiting: 7,
    },
  ]);
  waiting = 8;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(lines.map((line) => JSON.parse(line).till_waiting)).toEqual([7, 8, 8]);
  stop();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(lines).toHaveLength(3);
});

test("a gauge that fails costs its line, and the next line comes", async () => {
  const registry = new Registry();
  let isFailing = true;
  gauge(registry, "till_waiting", (each) => {
    if (isFailing) throw new Error("out of reach");
    each.set(1);
  });
  const { lines, stop } = reported(registry, ["till_waiting"]);
  await vi.advanceTimersByTimeAsync(0);
  expect(lines).toEqual([]);
  isFailing = false;
  await vi.advanceTimersByTimeAsync(30_000);
  expect(lines).toHaveLength(1);
  stop();
});
