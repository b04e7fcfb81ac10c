import { beforeEach } from "vitest";
import { useEndpoints } from "../endpoints.fixture.ts";
import { twoServices } from "../two-services.fixture.ts";
import { type ProvisionOptions, provision } from "./provision.ts";

/** The emulators for all tests of a file, and a shop of its own for each test. */
export function useShops() {
  const aws = useEndpoints();
  let shops = 0;
  beforeEach(() => {
    shops += 1;
  });
  return {
    get endpoints() {
      return aws.endpoints;
    },
    get clients() {
      return aws.clients;
    },
    get shop() {
      return `shop${shops}`;
    },
    /** Provisions both services in the shop of the test, unless the options name others. */
    provision(options: Partial<ProvisionOptions> = {}) {
      return provision({ topology: twoServices, shop: this.shop, clients: aws.clients, ...options });
    },
  };
}
