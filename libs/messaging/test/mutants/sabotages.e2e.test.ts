import { beforeAll, expect, test } from "vitest";
import { sabotages } from "./sabotage.ts";
import { fewAtATime, tryNothing, trySabotage, type Verdict } from "./try-sabotage.ts";

const all = await sabotages();
let green: readonly string[];
const verdicts = new Map<string, Verdict>();

beforeAll(async () => {
  const trials = all.map((sabotage) => async () => void verdicts.set(sabotage.name, await trySabotage(sabotage)));
  const nothing = async () => {
    green = await tryNothing(all);
  };
  await fewAtATime([nothing, ...trials]);
}, 600_000);

test("without a sabotage, nothing fails", () => {
  expect(green).toEqual([]);
  expect(all.length).toBeGreaterThanOrEqual(10);
});

test.each(all)("$name is caught", ({ name, mustFail }) => {
  const { caught, red = [] } = verdicts.get(name) ?? {};
  expect(caught, `"${mustFail.text}" did not fail, but this did:\n${red.join("\n") || "nothing"}\n`).toBe(true);
});
