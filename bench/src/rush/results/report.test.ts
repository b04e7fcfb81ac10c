import { expect, test } from "vitest";
import type { RunResult } from "../runs.ts";
import { report } from "./report.ts";

const rush: RunResult = {
  customers: 200,
  names: [],
  served: 163,
  errors: [],
  unanswered: 37,
  duplicates: 0,
  crossed: 0,
  retries: 0,
  waitMs: { p50: 1_000, p95: 2_000, p99: 3_000 },
  finishToAnswerMs: { p50: 10, p99: 20 },
  hasOneAddress: false,
};

test.each<[string, Partial<RunResult>]>([
  ["Every customer got exactly one 200 with their own order.", { served: 200, unanswered: 0 }],
  ["Not every customer got exactly one 200 with their own order.", { unanswered: 0, errors: ["Ada got 500 {}"] }],
  ["Interrupted: 37 of 200 customers still waited for their orders.", { cutShort: "interrupted" }],
  [
    "Stopped without progress: 37 of 200 customers still waited for their orders. Check that the shop is open.",
    { cutShort: "stalled" },
  ],
])("%s", (verdict, result) => expect(report({ ...rush, ...result }).split("\n")).toContain(verdict));
