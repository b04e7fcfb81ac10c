import { UpdateTableCommand } from "@aws-sdk/client-dynamodb";
import { describe, expect, test } from "vitest";
import { NotProvisionedError, queueUrl, topicArn } from "../lookups.ts";
import type { TableSpec } from "../topology.ts";
import { twoServices } from "../two-services.fixture.ts";
import { useShops } from "./provision.fixture.ts";
import type { Attach } from "./provision.ts";

const aws = useShops();

describe("a part that cannot be changed in place is refused with one sentence", () => {
  const inbox = twoServices.tables["orders-inbox"];
  const runWith = (spec: TableSpec) =>
    aws.provision({ topology: { tables: { inbox: spec }, topics: {}, queues: {}, subscriptions: [], mappings: {} } });

  test("another key", async () => {
    await runWith({ ...inbox, key: { partition: { name: "number", type: "N" } } });
    await expect(runWith(inbox)).rejects.toMatchObject({
      exitSentence: true,
      message: `Table ${aws.shop}-inbox has the key (number HASH), not (message HASH): remove it or choose another SHOP.`,
    });
  });

  test("another expiry attribute", async () => {
    await runWith({ ...inbox, ttl: "forgetAt" });
    await expect(runWith(inbox)).rejects.toThrow(`Table ${aws.shop}-inbox expires by forgetAt, not by expiresAt`);
  });

  test("a stream without new images", async () => {
    await runWith(inbox);
    const StreamSpecification = { StreamEnabled: true, StreamViewType: "KEYS_ONLY" } as const;
    await aws.clients.dynamodb.send(new UpdateTableCommand({ TableName: `${aws.shop}-inbox`, StreamSpecification }));
    await expect(runWith({ ...inbox, stream: "NEW_IMAGE" })).rejects.toThrow("holds KEYS_ONLY, no new images");
  });

  test("a name that the topology uses but does not declare", async () => {
    const { "orders-outbox-failed": _, ...queues } = twoServices.queues;
    const attach: Attach = async () => "made";
    await expect(aws.provision({ topology: { ...twoServices, queues }, attach })).rejects.toThrow(
      "The topology names orders-outbox-failed as the on-failure queue of mapping orders-outbox-relay, but does not declare it.",
    );
  });
});

test("the lookup of a missing part fails with its name", async () => {
  await expect(queueUrl(aws.clients, aws.shop, "nowhere.fifo")).rejects.toThrow(NotProvisionedError);
  await expect(topicArn(aws.clients, aws.shop, "nowhere.fifo")).rejects.toThrow(
    `Topic ${aws.shop}-nowhere.fifo is not at ${aws.endpoints.sns}`,
  );
});
