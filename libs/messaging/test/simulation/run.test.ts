import { expect, test } from "vitest";
import type { Program } from "./program.ts";
import { type Failure, run } from "./run.ts";

const good = { findings: [], faults: new Map(), events: 1 };
const bad = { ...good, findings: ["something was lost"] };
const failsWithTwoPollers = async ({ pollers }: Program) => (pollers === 2 ? bad : good);

test("a failure is told as it is found, and then a smaller one", async () => {
  const told: Failure[] = [];
  const options = { count: 100, seed: 1, onFailure: (failure: Failure) => told.push(failure) };
  const { failure } = await run({ ...options, lives: failsWithTwoPollers });
  expect(told).toHaveLength(1);
  expect(told[0]).toMatchObject({ program: { pollers: 2 }, findings: bad.findings });
  expect(failure).toMatchObject({ program: { pollers: 2, faults: [], chained: false }, findings: bad.findings });
  expect(told[0]?.program).not.toEqual(failure?.program);
});

test("the search for a smaller one comes to an end, with the smallest found until then", async () => {
  let lived = 0;
  const lives = async (program: Program) => {
    lived += 1;
    return failsWithTwoPollers(program);
  };
  const told: Failure[] = [];
  const onFailure = (failure: Failure) => {
    lived = 0;
    told.push(failure);
  };
  const { failure } = await run({ count: 100, seed: 1, lives, onFailure, shrinkFor: 0 });
  expect(lived).toBe(0);
  expect(failure).toEqual(told[0]);
});

test("a history that cannot even be lived through is a failure", async () => {
  const lives = () => Promise.reject(new TypeError("not a function"));
  const { failure } = await run({ count: 100, seed: 1, lives });
  expect(failure?.findings).toEqual(["TypeError: not a function"]);
});
