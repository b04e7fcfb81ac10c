import type { RunningService } from "@doubleshot/service-kit";
import type { AwsClients } from "@doubleshot/topology";
import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";
import { startOrders } from "./start-orders.ts";
import { openTestAws, openTestShop, type TestAws, type TestShop, until } from "./test-shop.fixture.ts";

/** For the tests of a file: one AWS, and for each test a shop of its own, whose processes are drained after it. */
export function useOrders() {
  let aws: TestAws;
  let shop: TestShop;
  const opened: RunningService[] = [];
  beforeAll(async () => {
    aws = await openTestAws();
  });
  beforeEach(async () => {
    shop = await openTestShop(aws);
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((orders) => orders.drain()));
  });
  afterAll(() => aws[Symbol.asyncDispose]());

  return {
    get aws() {
      return aws;
    },
    get shop() {
      return shop;
    },
    /** A process of the service; the signal tells it that it is to close. */
    async open(env: NodeJS.ProcessEnv = {}, { clients, signal }: { clients?: AwsClients; signal?: AbortSignal } = {}) {
      const orders = await startOrders({ ...shop.setting(env, clients), ...(signal && { signal }) });
      opened.push(orders);
      return orders;
    },
    order: (at: RunningService, name: string) =>
      fetch(`${at.url}/order/`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ name }),
      }),
    nextOrder: () => until(async () => (await shop.orderIds())[0]),
    inbox: async () => (await shop.rows("orders-inbox")).map(({ ignored }) => ignored ?? "committed"),
  };
}
