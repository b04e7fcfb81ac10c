import { expect, test } from "vitest";
import { described, runInParallel, summary } from "./run-in-parallel.ts";
import { runScenario } from "./run-scenario.ts";
import type { Failure } from "./run-scenarios.ts";
import type { Scenario } from "./scenario.ts";

const calm: Scenario = {
  seed: 1,
  faults: [],
  producers: [[{ action: "note", on: 0, pauseMs: 0 }]],
  pollers: 1,
  chained: true,
  poisoned: undefined,
  refused: [],
};

test("with every kind of fault, nothing is lost, nothing handled twice, and every aggregate keeps its order", {
  timeout: 1_800_000,
}, async () => {
  // The same scenarios each time, so that a failure comes from the change. `npm run simulation` tries new ones.
  const { THOROUGH, SCENARIOS_SEED: seed = "1", SCENARIOS: count = THOROUGH ? "10000" : "250" } = process.env;
  const print = (text: string) => process.stdout.write(`${text}\n`);
  const onFailure = (failure: Failure) => print(described(failure));
  const report = await runInParallel({ count: Number(count), seed: Number(seed), onFailure });
  print(summary(report));
  expect(report.failures.map(described)).toEqual([]);
  expect(report.coverage.missing).toEqual([]);
});

test("a scenario is the same each time", async () => {
  const scenario: Scenario = {
    ...calm,
    faults: ["request-lost", "process-crashed", "handler-failed"],
    producers: Array.from({ length: 3 }, () =>
      Array.from({ length: 6 }, () => ({ action: "note", on: 1, pauseMs: 100 })),
    ),
  };
  expect(await runScenario(scenario)).toEqual(await runScenario(scenario));
});

test("a scenario without faults has its events and no findings", async () => {
  const { findings, events, faults } = await runScenario(calm);
  expect(findings).toEqual([]);
  expect(events).toBe(2);
  expect([...faults.keys()]).toEqual([]);
});
