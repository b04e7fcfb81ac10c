import { ConfigError, readConfig } from "@doubleshot/service-kit";
import { expect, test } from "vitest";
import { ordersConfig } from "./config.ts";

test("an empty environment opens the counter of the map", () => {
  expect(readConfig(ordersConfig, {})).toMatchObject({
    SHOP: "doubleshot",
    HOST: "127.0.0.1",
    PORT: 9702,
    CONSUME: true,
    HINTS: true,
    SWEEP: true,
  });
});

test.each(["CONSUME", "HINTS", "SWEEP"])("%s is on or off, and one sentence otherwise", (name) => {
  expect(readConfig(ordersConfig, { [name]: "off" })).toHaveProperty(name, false);
  const reading = () => readConfig(ordersConfig, { [name]: "maybe" });
  expect(reading).toThrow(ConfigError);
  expect(reading).toThrow(`${name} is "maybe"; it must be on or off.`);
});

test("orders may come in less than one a second, and not in none", () => {
  expect(readConfig(ordersConfig, { RATE_PER_SECOND: "0.1" }).RATE_PER_SECOND).toBe(0.1);
  for (const value of ["0", "0.0001", ".5", "-1", "1e3", "often"]) {
    const said = `RATE_PER_SECOND is "${value}"; it must be a number from 0.001 to 1000000.`;
    expect(() => readConfig(ordersConfig, { RATE_PER_SECOND: value })).toThrow(said);
  }
});
