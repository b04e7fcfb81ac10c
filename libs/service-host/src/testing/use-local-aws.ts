import { type LocalAws, startLocalAws } from "@doubleshot/local-aws";
import { provision, type Topology } from "@doubleshot/topology";
import { afterAll, beforeAll } from "vitest";
import type { TestEndpoint } from "./test-endpoint.ts";
import { TestShop } from "./test-shop.ts";

const nothing: Topology = { tables: {}, topics: {}, queues: {}, subscriptions: [], mappings: {} };

/**
 * For the tests of a file: an embedded AWS with real sockets, and a shop of its own for each test. It runs no relay:
 * events stay in the outbox, and tests play the other services.
 */
export function useLocalAws(): TestEndpoint & Pick<LocalAws, "endpoints"> {
  let aws: LocalAws | undefined;
  let shops = 0;
  beforeAll(async () => {
    aws = await startLocalAws({ topology: nothing });
  });
  afterAll(() => aws?.close());

  const started = () => {
    if (aws === undefined) throw new Error("The embedded AWS starts before the first test: use it inside a test.");
    return aws;
  };
  return {
    env: {},
    get endpoints() {
      return started().endpoints;
    },
    openShop: async ({ topology }) => {
      shops += 1;
      const shop = `shop${shops}`;
      const { clients } = started();
      await provision({ topology, shop, clients });
      return new TestShop(shop, clients);
    },
  };
}
