import { readServiceConfig } from "@doubleshot/service-host";
import { describeService } from "@doubleshot/service-host/testing";
import { coffeeShop } from "@doubleshot/shop";
import { expect, test } from "vitest";
import { baristaService } from "./service.ts";

describeService(coffeeShop.services.barista, baristaService);

test.each([
  [{ LEASE_SECONDS: "0" }, 'LEASE_SECONDS is "0"; it must be a whole number from 1 to 43200.'],
  [{ BAR: "the bar#1" }, 'BAR is "the bar#1"; it must be 1 to 40 lower-case letters, digits and hyphens.'],
])("%j is refused in one sentence", (env, sentence) => {
  expect(() => readServiceConfig(coffeeShop.services.barista, baristaService.config, env)).toThrow(sentence);
});
