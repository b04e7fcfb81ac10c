import { expect, test } from "vitest";
import { live } from "./history.ts";
import type { Program } from "./program.ts";
import type { Failure } from "./run.ts";
import { described, runInParallel, summary } from "./run-in-parallel.ts";

const calm: Program = {
  seed: 1,
  faults: [],
  producers: [[{ does: "note", on: 0, pause: 0 }]],
  pollers: 1,
  chained: true,
  poisoned: undefined,
  refused: [],
};

test("whatever goes wrong, nothing is lost, nothing handled twice, and every aggregate keeps its order", {
  timeout: 1_800_000,
}, async () => {
  // The same histories each time, so that a change is judged by what it changed; `npm run histories` looks for new ones.
  const { THOROUGH, HISTORIES_SEED: seed = "1", HISTORIES: count = THOROUGH ? "10000" : "250" } = process.env;
  const say = (text: string) => process.stdout.write(`${text}\n`);
  const onFailure = (failure: Failure) => say(described(failure));
  const report = await runInParallel({ count: Number(count), seed: Number(seed), onFailure });
  say(summary(report));
  expect(report.failures.map(described)).toEqual([]);
  expect(report.coverage.missing).toEqual([]);
});

test("a history is the same each time", async () => {
  const program: Program = {
    ...calm,
    faults: ["request lost", "process crashed", "handler failed"],
    producers: Array.from({ length: 3 }, () => Array.from({ length: 6 }, () => ({ does: "note", on: 1, pause: 100 }))),
  };
  expect(await live(program)).toEqual(await live(program));
});

test("a calm history has its events and no findings", async () => {
  const { findings, events, faults } = await live(calm);
  expect(findings).toEqual([]);
  expect(events).toBe(2);
  expect([...faults.keys()]).toEqual([]);
});
