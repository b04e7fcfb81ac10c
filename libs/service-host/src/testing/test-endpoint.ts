import type { HostedService } from "../hosted-service.ts";
import type { TestShop } from "./test-shop.ts";

/** An endpoint on which tests open shops: `useLocalAws()` or `fakeAws`. */
export interface TestEndpoint {
  /** Environment of every process there. */
  readonly env: NodeJS.ProcessEnv;
  /** Opens a shop of a fresh name with the resources of the service, and nothing else in it. */
  openShop(service: Pick<HostedService, "topology">): Promise<TestShop>;
}
