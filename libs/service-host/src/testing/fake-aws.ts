import { FakeAws } from "@doubleshot/messaging/testing";
import { type AwsClients, createAwsClients, physicalName, type Topology } from "@doubleshot/topology";
import type { TestEndpoint } from "./test-endpoint.ts";
import { TestShop } from "./test-shop.ts";

const nowhere = "http://127.0.0.1:1";

/**
 * Shops in memory, for tests that need no real endpoint: each has a `FakeAws` of its own. Processes run with
 * `HINTS=off`, because the fake creates no queues.
 */
export const fakeAws: TestEndpoint = {
  env: { HINTS: "off" },
  openShop: async ({ topology }) => openFakeShop(topology),
};

export function openFakeShop({ tables, queues }: Topology): TestShop {
  const shop = "fake";
  const fake = new FakeAws({ tables: named(shop, tables), queues: named(shop, queues) });
  return new TestShop(shop, clientsOf(fake));
}

function named<Spec>(shop: string, specs: Readonly<Record<string, Spec>>): Record<string, Spec> {
  return Object.fromEntries(Object.entries(specs).map(([name, spec]) => [physicalName(shop, name), spec]));
}

/** Real clients are slow to make, and services call neither streams nor S3. */
let unused: AwsClients | undefined;

function clientsOf(fake: FakeAws): AwsClients {
  unused ??= createAwsClients({ endpoints: { dynamodb: nowhere, sns: nowhere, sqs: nowhere } });
  const { dynamodb, documents, sns, sqs } = fake.clients();
  return { ...unused, dynamodb, documents, sns, sqs, longPolls: sqs, destroy: () => undefined };
}
