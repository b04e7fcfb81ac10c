import { expect, test } from "vitest";
import type { History } from "./history.ts";
import { runHistories } from "./run-histories.ts";
import { runHistory } from "./run-history.ts";
import { described, runInParallel, summary } from "./run-in-parallel.ts";

// Random orders, cancellations, payments and limits, while messages come twice or late and processes crash at any call.

test("credit never goes below zero and never leaks, and each order ends as its account does", {
  timeout: 1_800_000,
}, async () => {
  const { THOROUGH, HISTORIES_SEED: seed = "1", HISTORIES: count = THOROUGH ? "1000" : "150" } = process.env;
  const report = await runInParallel({ count: Number(count), seed: Number(seed) });
  process.stdout.write(`${summary(report)}\n`);
  expect(report.failures.map(described)).toEqual([]);
  expect(report.missing).toEqual([]);
});

const pauseMs = 100;
const calm: History = {
  seed: 1,
  faults: [],
  limits: [250],
  clients: [
    [
      { action: "order", customer: 0, total: 100, pauseMs },
      { action: "order", customer: 0, total: 120, pauseMs },
      { action: "order", customer: 0, total: 100, pauseMs },
      { action: "order", customer: 9, total: 1, pauseMs },
      { action: "order-as-guest", pauseMs },
    ],
  ],
  processes: 1,
  slowBar: false,
};

test("a history without faults has its states and no findings", async () => {
  const { findings, counts } = await runHistory(calm);
  expect(findings).toEqual([]);
  expect(counts.get("orders REJECTED")).toBe(2);
  expect(counts.get("customers-reservations REFUSED")).toBe(2);
});

test("a history is the same each time", async () => {
  const history: History = { ...calm, faults: ["request-lost", "process-crashed", "delivered-twice"], processes: 2 };
  expect(await runHistory(history)).toEqual(await runHistory(history));
});

test("a failure comes with the smallest history that fails", async () => {
  const runOne = async ({ processes }: History) => ({
    findings: processes === 2 ? ["something leaked"] : [],
    counts: new Map(),
  });
  const { failure } = await runHistories({ count: 100, seed: 1, runOne });
  expect(failure).toMatchObject({
    history: { processes: 2, faults: [], slowBar: false },
    findings: ["something leaked"],
  });
});
