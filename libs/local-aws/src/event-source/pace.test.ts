import { expect, test } from "vitest";
import { createPace, defaultPace } from "./pace.ts";

function paced() {
  let time = 0;
  const pace = createPace(defaultPace, () => time);
  return {
    pace,
    pass: (milliseconds: number) => {
      time += milliseconds;
    },
  };
}

test("a stream that never had a record is read four times a second", () => {
  expect(paced().pace.next()).toBe(250);
});

test("a stream with traffic is read every two milliseconds", () => {
  const { pace, pass } = paced();
  pace.traffic();
  expect(pace.next()).toBe(2);
  pass(80);
  expect(pace.next()).toBe(2);
});

test("waits grow with the quiet, up to four polls a second after ten seconds", () => {
  const { pace, pass } = paced();
  pace.traffic();
  const waits = Array.from({ length: 13 }, () => {
    pass(1_000);
    return pace.next();
  });
  expect(waits).toEqual([25, 50, 75, 100, 125, 150, 175, 200, 225, 250, 250, 250, 250]);
});

test("the first record ends the long waits", () => {
  const { pace, pass } = paced();
  pass(60_000);
  pace.traffic();
  expect(pace.next()).toBe(2);
});
