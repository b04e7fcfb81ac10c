import { expect, test } from "vitest";
import { isHeld, metrics, type Sample, table } from "./metrics.ts";
import { plot } from "./plot.ts";

const first: Sample = {
  history: 0,
  ordersPerSecond: 60,
  orderCpuMs: 25,
  finishP50Ms: 20,
  finishP99Ms: 50,
  idleCpuPercent: 1,
  pauseCostsMs: 5,
  startMs: 2_000,
  startCpuMs: 3_000,
  memory: 500e6,
  disk: 1e6,
};
const later = (changed: Partial<Sample>): Sample => ({ ...first, history: 10_000, ...changed });

const worse = (changed: Partial<Sample>) =>
  metrics.filter((metric) => !isHeld(metric, first, later(changed))).map(({ name }) => name);

test("a value may be 20 % worse than without history, and no more", () => {
  expect(worse({ ordersPerSecond: 48, finishP50Ms: 24, startMs: 2_400, memory: 600e6 })).toEqual([]);
  expect(worse({ ordersPerSecond: 47 })).toEqual(["orders a second"]);
  expect(worse({ finishP50Ms: 25, finishP99Ms: 61 })).toEqual(["finish to 200, p50", "finish to 200, p99"]);
  expect(worse({ startMs: 2_500, memory: 601e6 })).toEqual(["npm start to served", "resident memory"]);
});

test("better is never worse, and the disk may grow", () => {
  expect(
    worse({
      ordersPerSecond: 90,
      finishP50Ms: 1,
      finishP99Ms: 1,
      idleCpuPercent: 0,
      startMs: 1,
      memory: 1,
      disk: 1e12,
    }),
  ).toEqual([]);
});

test("half a percent of a core is no difference", () => {
  expect(worse({ idleCpuPercent: 1.5 })).toEqual([]);
  expect(worse({ idleCpuPercent: 1.6 })).toEqual(["idle, of a core"]);
});

test("the first order after a pause may take 300 ms longer, whatever it took without history", () => {
  expect(worse({ pauseCostsMs: 300 })).toEqual([]);
  expect(worse({ pauseCostsMs: 301 })).toEqual(["first after a pause"]);
});

test("the table shows for each metric whether it is within the allowance", () => {
  const lines = table([first, later({ ordersPerSecond: 29 })]).split("\n");
  expect(lines[0]).toMatch(/^history, in orders +0 +10,000 +within 20 %$/);
  expect(lines[1]).toMatch(/^orders a second +60\.0 \/s +29\.0 \/s +NO$/);
  expect(lines[2]).toMatch(/ yes$/);
  expect(lines.at(-1)).toMatch(/ may grow$/);
});

test("the plot has a panel for each value, with every history's value in it", () => {
  const image = plot([first, later({ ordersPerSecond: 29, startMs: 2_340 })]);
  expect(image.match(/<polyline/g)).toHaveLength(metrics.length);
  expect(image.match(/>10,000</g)).toHaveLength(metrics.length);
  for (const text of [">60.0<", ">29.0<", ">2.34<"]) expect(image).toContain(text);
  expect(image).not.toContain("NaN");
});
