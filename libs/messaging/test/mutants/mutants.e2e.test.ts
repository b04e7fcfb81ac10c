import { beforeAll, expect, test } from "vitest";
import { mutants } from "./mutant.ts";
import { fewAtATime, type Trial, tryMutant, tryUnchanged } from "./try-mutant.ts";

const all = await mutants();
let red: readonly string[];
const trials = new Map<string, Trial>();

beforeAll(async () => {
  const mutations = all.map((mutant) => async () => void trials.set(mutant.name, await tryMutant(mutant)));
  const unchanged = async () => {
    red = await tryUnchanged(all);
  };
  await fewAtATime([unchanged, ...mutations]);
}, 600_000);

test("without a mutation, nothing fails", () => {
  expect(red).toEqual([]);
  expect(all.length).toBeGreaterThanOrEqual(10);
});

test.each(all)("$name is caught", ({ name, mustFail }) => {
  const { caught, red = [] } = trials.get(name) ?? {};
  expect(caught, `"${mustFail.text}" did not fail, but this did:\n${red.join("\n") || "nothing"}\n`).toBe(true);
});
