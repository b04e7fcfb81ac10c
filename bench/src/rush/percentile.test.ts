import { expect, test } from "vitest";
import { percentile } from "./percentile.ts";

const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);

test.each([
  [hundred, 50, 50],
  [hundred, 99, 99],
  [hundred, 100, 100],
  [[7], 99, 7],
  [[], 50, Number.NaN],
])("the percentile is the value of the nearest rank", (values, percent, expected) => {
  expect(percentile(values, percent)).toBe(expected);
});
