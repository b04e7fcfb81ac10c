import { type TestEndpoint, until, useService } from "@doubleshot/service-host/testing";
import type { RunningService } from "@doubleshot/service-kit";
import { coffeeShop } from "@doubleshot/shop";
import { beforeEach } from "vitest";
import { ordersService } from "./service.ts";
import { TestAccounts } from "./test-accounts.fixture.ts";
import { TestBar } from "./test-bar.fixture.ts";

/** The orders service in the tests of a file, beside a bar and accounts that the tests play. */
export function useOrders(endpoint: TestEndpoint) {
  const service = useService(coffeeShop.services.orders, ordersService, endpoint);
  let bar: TestBar;
  let accounts: TestAccounts;
  beforeEach(() => {
    bar = new TestBar(service.otherService("barista"));
    accounts = new TestAccounts(service.otherService("customers"));
  });
  const { setting, start, container, rows, messagesLeft } = service;
  const orderIds = async () => (await rows("orders")).map(({ id }) => String(id));

  return {
    ...{ setting, start, container, rows, messagesLeft, orderIds },
    get shop() {
      return service.shop;
    },
    get bar() {
      return bar;
    },
    get accounts() {
      return accounts;
    },
    order: (at: RunningService, name: string) =>
      fetch(`${at.url}/order/`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ name }),
      }),
    nextOrder: () => until(async () => (await orderIds())[0]),
    inbox: async () => (await rows("orders-inbox")).map(({ ignored }) => ignored ?? "committed"),
  };
}
