import { CreateQueueCommand } from "@aws-sdk/client-sqs";
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { describe, expect, test } from "vitest";
import { hintShop, interceptedClients, until } from "./hint-shop.fixture.ts";

const shop = hintShop();

const epochSeconds = () => Math.floor(Date.now() / 1000);

async function leftBehind(id: string, row: { expiresAt: number } | undefined): Promise<string> {
  const { documents, sqs } = shop.aws.clients;
  const QueueName = shop.instances().queueName(id);
  await sqs.send(new CreateQueueCommand({ QueueName }));
  if (row) await documents.send(new PutCommand({ TableName: shop.table, Item: { id, ...row } }));
  return QueueName;
}

test("alive are those whose lease has not ended", async () => {
  await leftBehind("living", { expiresAt: epochSeconds() + 30 });
  await leftBehind("lapsed", { expiresAt: epochSeconds() - 5 });
  expect(await shop.instances().alive()).toEqual(["living"]);
});

describe("the janitor", () => {
  test("removes what lapsed instances left, with or without a row, and nothing of the living", async () => {
    const living = await leftBehind("living", { expiresAt: epochSeconds() + 30 });
    const lapsed = await leftBehind("lapsed", { expiresAt: epochSeconds() - 5 });
    const orphan = await leftBehind("orphan", undefined);
    const removed = await shop.instances().removeLapsed();
    expect(removed.sort()).toEqual([lapsed, orphan].sort());
    expect(await shop.queues()).toEqual([living]);
    expect(await shop.rowIds()).toEqual(["living"]);
  });

  test("leaves other shops alone", async () => {
    const { sqs } = shop.aws.clients;
    await sqs.send(new CreateQueueCommand({ QueueName: `other-${shop.name}-orders-hints-theirs` }));
    await sqs.send(new CreateQueueCommand({ QueueName: `${shop.name}-barista-hints-theirs` }));
    expect(await shop.instances().removeLapsed()).toEqual([]);
  });

  test("runs in every live instance", async () => {
    const lapsed = await leftBehind("lapsed", { expiresAt: epochSeconds() - 5 });
    const { queue } = await shop.open();
    await expect.poll(() => shop.queues(), until).not.toContain(lapsed);
    expect(await shop.queues()).toEqual([queue]);
  });

  test("keeps a row that was renewed since it was read, and its queue", async () => {
    const late = await leftBehind("late", { expiresAt: epochSeconds() - 5 });
    const renewed: boolean[] = [];
    const renewing = interceptedClients(shop, {
      before: async (command) => {
        if (command === "DeleteItemCommand") renewed.push(await shop.instances().renew("late"));
      },
    });
    expect(await shop.instances(renewing).removeLapsed()).toEqual([]);
    expect(renewed).toEqual([true]);
    expect(await shop.queues()).toEqual([late]);
    expect(await shop.rowIds()).toEqual(["late"]);
  });

  test("keeps an instance that registers during the round", async () => {
    let newcomer: Promise<string> | undefined;
    const meeting = interceptedClients(shop, {
      // After the first of its two reads, in either order.
      after: async (command) => {
        if (!/^(Scan|ListQueues)/.test(command)) return;
        newcomer ??= leftBehind("newcomer", { expiresAt: epochSeconds() + 30 });
        await newcomer;
      },
    });
    expect(await shop.instances(meeting).removeLapsed()).toEqual([]);
    expect(await shop.queues()).toEqual([await newcomer]);
  });

  test("removes a lapsed instance's row, so that the instance's next renewal fails", async () => {
    await leftBehind("lapsed", { expiresAt: epochSeconds() - 5 });
    const instances = shop.instances();
    await instances.removeLapsed();
    expect(await instances.renew("lapsed")).toBe(false);
  });
});
