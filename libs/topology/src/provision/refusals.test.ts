import { UpdateTableCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type AwsClients, createAwsClients } from "../clients/aws-clients.ts";
import { startEndpoints } from "../endpoints.fixture.ts";
import { NotProvisionedError, queueUrl, topicArn } from "../lookups.ts";
import type { TableSpec } from "../topology.ts";
import { twoServices } from "../two-services.fixture.ts";
import { type Attach, type ProvisionOptions, provision } from "./provision.ts";

let endpoints: Awaited<ReturnType<typeof startEndpoints>>;
let clients: AwsClients;
let shop: string;
let shops = 0;

beforeAll(async () => {
  endpoints = await startEndpoints();
  clients = createAwsClients({ endpoints });
});
afterAll(async () => {
  clients?.destroy();
  await endpoints?.[Symbol.asyncDispose]();
});
beforeEach(() => {
  shop = `shop${++shops}`;
});

const run = (options: Partial<ProvisionOptions> = {}) =>
  provision({ topology: twoServices, shop, clients, ...options });

describe("a part that cannot be changed in place is refused with one sentence", () => {
  const inbox = twoServices.tables["orders-inbox"];
  const runWith = (spec: TableSpec) =>
    run({ topology: { tables: { inbox: spec }, topics: {}, queues: {}, subscriptions: [], mappings: {} } });

  test("another key", async () => {
    await runWith({ ...inbox, key: { partition: { name: "number", type: "N" } } });
    await expect(runWith(inbox)).rejects.toMatchObject({
      exitSentence: true,
      message: `Table ${shop}-inbox has the key (number HASH), not (message HASH): remove it or choose another SHOP.`,
    });
  });

  test("another expiry attribute", async () => {
    await runWith({ ...inbox, ttl: "forgetAt" });
    await expect(runWith(inbox)).rejects.toThrow(`Table ${shop}-inbox expires by forgetAt, not by expiresAt`);
  });

  test("a stream without new images", async () => {
    await runWith(inbox);
    const StreamSpecification = { StreamEnabled: true, StreamViewType: "KEYS_ONLY" } as const;
    await clients.dynamodb.send(new UpdateTableCommand({ TableName: `${shop}-inbox`, StreamSpecification }));
    await expect(runWith({ ...inbox, stream: "NEW_IMAGE" })).rejects.toThrow("holds KEYS_ONLY, no new images");
  });

  test("a name that the topology uses but does not declare", async () => {
    const { "orders-outbox-failed": _, ...queues } = twoServices.queues;
    const attach: Attach = async () => "made";
    await expect(run({ topology: { ...twoServices, queues }, attach })).rejects.toThrow(
      "The topology names orders-outbox-failed as the on-failure queue of mapping orders-outbox-relay, but does not declare it.",
    );
  });
});

test("the lookup of a missing part fails with its name", async () => {
  await expect(queueUrl(clients, shop, "nowhere.fifo")).rejects.toThrow(NotProvisionedError);
  await expect(topicArn(clients, shop, "nowhere.fifo")).rejects.toThrow(
    `Topic ${shop}-nowhere.fifo is not at ${endpoints.sns}`,
  );
});
