import { expect, test } from "vitest";
import { runsOf } from "./runs.ts";

const kinds = (rounds: number) =>
  runsOf({ attacker: true, kill: false, rounds }).map(({ attacker, hasOneAddress }) =>
    hasOneAddress ? "shared" : attacker ? "attacked" : "calm",
  );

test("a rush is one rush", () => {
  expect(runsOf({ attacker: false, kill: false, rounds: 3 })).toEqual([
    { title: "", attacker: false, hasOneAddress: false },
  ]);
});

test("calm and attacked rushes take turns, and each kind comes first equally often", () => {
  expect(kinds(1)).toEqual(["calm", "attacked", "shared"]);
  expect(kinds(3)).toEqual(["calm", "attacked", "attacked", "calm", "calm", "attacked", "shared"]);
});

test("with kills there is one rush, without a comparison", () => {
  expect(runsOf({ attacker: true, kill: true, rounds: 3 })).toMatchObject([{ attacker: true, hasOneAddress: false }]);
});
