import { readServiceConfig } from "@doubleshot/service-host";
import { describeService } from "@doubleshot/service-host/testing";
import { coffeeShop } from "@doubleshot/shop";
import { expect, test } from "vitest";
import { ordersService } from "./service.ts";

const withoutLimits = { RATE_BURST: "1000000", OPEN_ORDERS: "1000000", SWEEP: "off" };
describeService(coffeeShop.services.orders, ordersService, { withoutLimits });

test("orders may come in less than one a second, and not in none", () => {
  const read = (RATE_PER_SECOND: string) =>
    readServiceConfig(coffeeShop.services.orders, ordersService.config, { RATE_PER_SECOND });
  expect(read("0.1").RATE_PER_SECOND).toBe(0.1);
  for (const value of ["0", "0.0001", ".5", "-1", "1e3", "often"]) {
    const sentence = `RATE_PER_SECOND is "${value}"; it must be a number from 0.001 to 1000000.`;
    expect(() => read(value)).toThrow(sentence);
  }
});
