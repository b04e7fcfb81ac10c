import { expect, test } from "vitest";
import { type Failure, run } from "./run-scenarios.ts";
import type { Scenario } from "./scenario.ts";

const good = { findings: [], faults: new Map(), events: 1 };
const bad = { ...good, findings: ["something was lost"] };
const failsWithTwoPollers = async ({ pollers }: Scenario) => (pollers === 2 ? bad : good);

test("a failure is reported as it is found, and then a smaller one", async () => {
  const reported: Failure[] = [];
  const options = { count: 100, seed: 1, onFailure: (failure: Failure) => reported.push(failure) };
  const { failure } = await run({ ...options, runOne: failsWithTwoPollers });
  expect(reported).toHaveLength(1);
  expect(reported[0]).toMatchObject({ scenario: { pollers: 2 }, findings: bad.findings });
  expect(failure).toMatchObject({ scenario: { pollers: 2, faults: [], chained: false }, findings: bad.findings });
  expect(reported[0]?.scenario).not.toEqual(failure?.scenario);
});

test("the search for a smaller one comes to an end, with the smallest found until then", async () => {
  let lived = 0;
  const runOne = async (scenario: Scenario) => {
    lived += 1;
    return failsWithTwoPollers(scenario);
  };
  const reported: Failure[] = [];
  const onFailure = (failure: Failure) => {
    lived = 0;
    reported.push(failure);
  };
  const { failure } = await run({ count: 100, seed: 1, runOne, onFailure, shrinkForMs: 0 });
  expect(lived).toBe(0);
  expect(failure).toEqual(reported[0]);
});

test("a scenario that throws is a failure", async () => {
  const runOne = () => Promise.reject(new TypeError("not a function"));
  const { failure } = await run({ count: 100, seed: 1, runOne });
  expect(failure?.findings).toEqual(["TypeError: not a function"]);
});
