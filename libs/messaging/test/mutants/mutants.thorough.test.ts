import { beforeAll, expect, test } from "vitest";
import { mutants } from "./mutant.ts";
import { fewAtATime, type Trial, tryMutant, tryUnchanged } from "./try-mutant.ts";

const all = await mutants();
let failures: readonly string[];
const trials = new Map<string, Trial>();

beforeAll(async () => {
  const mutations = all.map((mutant) => async () => void trials.set(mutant.name, await tryMutant(mutant)));
  const unchanged = async () => {
    failures = await tryUnchanged(all);
  };
  await fewAtATime([unchanged, ...mutations]);
}, 600_000);

test("without a mutation, nothing fails", () => {
  expect(failures).toEqual([]);
  expect(all.length).toBeGreaterThanOrEqual(10);
});

test.each(all)("$name is caught", ({ name, mustFail }) => {
  const { isCaught, failures = [] } = trials.get(name) ?? {};
  expect(isCaught, `"${mustFail.text}" did not fail, but this did:\n${failures.join("\n") || "nothing"}\n`).toBe(true);
});
