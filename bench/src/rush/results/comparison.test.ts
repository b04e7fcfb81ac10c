import { expect, test } from "vitest";
import type { RunResult } from "../runs.ts";
import { compare } from "./comparison.ts";

type Rush = Pick<RunResult, "attack" | "hasOneAddress" | "waitMs" | "cutShort">;

const rush = (p95: number): Rush => ({ hasOneAddress: false, waitMs: { p50: 1, p95, p99: 1e6 } });
const attacked = (p95: number, hasOneAddress = false): Rush => ({
  ...rush(p95),
  hasOneAddress,
  attack: { statuses: {}, refusedWithinMs: 0 },
});

test.each([
  { what: "hardly slower", calm: [100, 101, 102], under: [105, 106, 107], verdict: "within" },
  { what: "one bad run among three", calm: [100, 100, 100], under: [101, 300, 102], verdict: "within" },
  { what: "just as much as it may be", calm: [100, 100, 100], under: [110, 110, 110], verdict: "within" },
  { what: "slower, each of them", calm: [100, 101, 102], under: [115, 116, 117], verdict: "over" },
  {
    what: "slower, on a machine that does as it likes",
    calm: [80, 100, 130],
    under: [90, 125, 140],
    verdict: "unclear",
  },
  { what: "slower, but tried once", calm: [100], under: [150], verdict: "unclear" },
])("under attack $what: $verdict", ({ calm, under, verdict }) => {
  expect(compare([...calm.map(rush), ...under.map((p95) => attacked(p95))])).toMatchObject({ verdict });
});

test("medians are compared, and the calm rushes with each other", () => {
  const compared = compare([rush(90), attacked(125), rush(100), attacked(105), attacked(110), rush(120)]);
  expect(compared).toMatchObject({ calm: 100, attacked: 110, noise: 0.3 });
  expect(compared?.growth).toBeCloseTo(0.1);
});

test("rushes in which customers share an address are left out", () => {
  expect(compare([rush(100), attacked(105), attacked(900, true)])).toMatchObject({ attacked: 105 });
});

test("there is nothing to compare without one of each", () => {
  expect(compare([rush(100)])).toBeUndefined();
  expect(compare([attacked(100)])).toBeUndefined();
});

test("a rush without a served customer is no success", () => {
  expect(compare([rush(100), attacked(Number.NaN)])).toMatchObject({ verdict: "unclear" });
});

test("a rush that was cut short is left out", () => {
  expect(compare([rush(100), { ...attacked(500), cutShort: "interrupted" }])).toBeUndefined();
});
