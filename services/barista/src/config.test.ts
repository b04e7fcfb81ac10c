import { readConfig } from "@doubleshot/service-kit";
import { expect, test } from "vitest";
import { baristaConfig } from "./config.ts";

test("nothing has to be set", () => {
  expect(readConfig(baristaConfig, {})).toMatchObject({
    SHOP: "doubleshot",
    PORT: 9703,
    CONSUME: true,
    BAR: "bar",
    LEASE_SECONDS: 600,
  });
});

test.each([
  [{ LEASE_SECONDS: "0" }, 'LEASE_SECONDS is "0"; it must be a whole number from 1 to 43200.'],
  [{ BAR: "the bar#1" }, 'BAR is "the bar#1"; it must be 1 to 40 lower-case letters, digits and hyphens.'],
  [{ CONSUME: "yes" }, 'CONSUME is "yes"; it must be on or off.'],
])("%j is refused in one sentence", (env, sentence) => {
  expect(() => readConfig(baristaConfig, env)).toThrow(sentence);
});
