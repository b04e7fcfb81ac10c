import { expect, test } from "vitest";
import type { History } from "./history.ts";
import { runHistories } from "./run-histories.ts";
import { runHistory } from "./run-history.ts";
import { described, runInParallel, summary } from "./run-in-parallel.ts";

// Random orders, cancellations, payments and limits, while messages come twice or late and processes crash at any call.

test("credit never goes below zero and never leaks, and each order ends as its account does", {
  timeout: 1_800_000,
}, async () => {
  const { HISTORIES_SEED: seed = "1", HISTORIES: count = "1000" } = process.env;
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
  isBarSlow: false,
};

test("a history without faults has its states and no findings", async () => {
  const { findings, counts } = await runHistory(calm);
  expect(findings).toEqual([]);
  expect(counts.get("orders REJECTED")).toBe(2);
  expect(counts.get("customers-reservations REFUSED")).toBe(2);
});

/** The first request of a payment reaches DynamoDB after its repetition was refused, when there is a debt to pay. */
const latePayment: History = {
  seed: 484860610,
  faults: ["request-late", "answer-lost", "retried-by-the-sdk", "entry-failed", "process-suspended", "process-stopped"],
  limits: [1, 102],
  clients: [
    [
      { action: "cancel", order: 0, pauseMs: 183 },
      { action: "cancel", order: 3, pauseMs: 347 },
      { action: "amend", customer: 0, limit: 120, pauseMs: 56 },
      { action: "pay", customer: 0, amount: 1, pauseMs: 297 },
      { action: "pay", customer: 1, amount: 66, pauseMs: 300 },
      { action: "order", customer: 0, total: 10, pauseMs: 327 },
    ],
    [{ action: "order", customer: 1, total: 102, pauseMs: 360 }],
    [
      { action: "order", customer: 2, total: 11, pauseMs: 373 },
      { action: "cancel", order: 3, pauseMs: 351 },
      { action: "order", customer: 2, total: 97, pauseMs: 400 },
      { action: "order", customer: 0, total: 120, pauseMs: 397 },
      { action: "order", customer: 1, total: 78, pauseMs: 170 },
      { action: "pay", customer: 0, amount: 69, pauseMs: 129 },
    ],
  ],
  processes: 2,
  isBarSlow: false,
};

test("a payment that was refused is not made later by an earlier attempt", async () => {
  expect((await runHistory(latePayment)).findings).toEqual([]);
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
    history: { processes: 2, faults: [], isBarSlow: false },
    findings: ["something leaked"],
  });
});
