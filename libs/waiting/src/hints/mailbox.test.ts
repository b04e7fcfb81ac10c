import { CreateQueueCommand, DeleteQueueCommand, QueueDoesNotExist } from "@aws-sdk/client-sqs";
import { DeleteCommand, PutCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { defineShop, service } from "@doubleshot/shop";
import { physicalName } from "@doubleshot/topology";
import { describe, expect, test } from "vitest";
import { hintShop, interceptedClients, until } from "./hint-shop.fixture.ts";

const shop = hintShop();

type Instance = Awaited<ReturnType<typeof shop.open>>;

/** Resolves with the id that the instance has next. */
async function movedTo({ hints, instanceId }: Instance): Promise<string> {
  await expect.poll(() => hints.instanceId ?? instanceId, until).not.toBe(instanceId);
  return hints.instanceId ?? expect.fail("no mailbox");
}

async function canBeReached(instance: Instance, instanceId: string): Promise<void> {
  (await shop.open()).hints.send(instanceId, { id: "order-1", version: 1 });
  await expect.poll(() => instance.received.length, until).toBe(1);
}

describe("an instance", () => {
  test("has a row with its queue and the end of its lease", async () => {
    const { instanceId, queue } = await shop.open();
    expect(instanceId).toMatch(/^[0-9a-z]{21}$/);
    expect(await shop.rows()).toEqual([
      {
        id: instanceId,
        queue,
        startedAt: expect.stringMatching(/Z$/),
        seenAt: expect.stringMatching(/Z$/),
        expiresAt: expect.any(Number),
      },
    ]);
  });

  test("of a service with the longest name, in a shop with the longest name, has a queue that SQS takes", async () => {
    const name = "s".repeat(19);
    const { services } = defineShop("x".repeat(32), [service(name, { port: 9704, tables: {}, waits: true })]);
    const { instanceId } = await shop.open();
    expect(physicalName("x".repeat(32), `${services[name]?.names.hintQueues}${instanceId}`)).toHaveLength(80);
  });

  test("leaves neither queue nor row when it drains", async () => {
    const stays = await shop.open();
    const goes = await shop.open();
    expect(await shop.queues()).toHaveLength(2);
    await goes.hints.drain();
    expect(await shop.queues()).toEqual([stays.queue]);
    expect(await shop.rowIds()).toEqual([stays.instanceId]);
  });

  test("ends its drain in time when SQS does not answer, and a janitor removes its queue and row", async () => {
    let isSilent = false;
    const clients = interceptedClients(shop, {
      before: () => (isSilent ? new Promise<never>(() => undefined) : undefined),
    });
    const leaving = await shop.open({ clients, drainWithinMs: 100 });
    isSilent = true;
    leaving.hints.send("0".repeat(21), { id: "order-1", version: 1 });
    await leaving.hints.drain();
    expect(await shop.queues()).toEqual([leaving.queue]);
    const { documents } = shop.aws.clients;
    await documents.send(new PutCommand({ TableName: shop.table, Item: { id: leaving.instanceId, expiresAt: 1 } }));
    expect(await shop.instances().removeLapsed()).toEqual([leaving.queue]);
    expect(await shop.rowIds()).toEqual([]);
  });

  test("opens another mailbox under another name once its row is gone", async () => {
    const { documents, sqs } = shop.aws.clients;
    await sqs.send(new CreateQueueCommand({ QueueName: shop.instances().queueName("orphan") }));
    const instance = await shop.open();
    // Wait for the janitor's first round. A later round would remove the queue, and the instance would notice that instead.
    await expect.poll(() => shop.queues(), until).toEqual([instance.queue]);
    await documents.send(new DeleteCommand({ TableName: shop.table, Key: { id: instance.instanceId } }));
    const instanceId = await movedTo(instance);
    expect(await shop.rowIds()).toEqual([instanceId]);
    await expect.poll(() => shop.queues(), until).toEqual([shop.instances().queueName(instanceId)]);
    await canBeReached(instance, instanceId);
  });

  test("opens another mailbox under another name once its queue is gone", async () => {
    const instance = await shop.open();
    await shop.aws.clients.sqs.send(new DeleteQueueCommand({ QueueUrl: await shop.urlOf(instance.queue) }));
    const instanceId = await movedTo(instance);
    await expect.poll(() => shop.rowIds(), until).toEqual([instanceId]);
    await canBeReached(instance, instanceId);
  });

  test("waits for its new queue while that does not exist yet, instead of opening another", async () => {
    let polls = 0;
    const clients = interceptedClients(shop, {
      before: (command) => {
        if (command !== "ReceiveMessageCommand") return;
        polls += 1;
        if (polls === 1) throw new QueueDoesNotExist({ message: "not yet", $metadata: {} });
      },
    });
    const instance = await shop.open({
      clients,
      rhythm: { heartbeatSeconds: 1, janitorSeconds: 60, settlingSeconds: 60 },
    });
    await canBeReached(instance, instance.instanceId);
    expect(instance.hints.instanceId).toBe(instance.instanceId);
    await instance.hints.drain();
  });

  test("renews its row for as long as it lives", async () => {
    const { instanceId } = await shop.open();
    const row = async () => (await shop.rows()).find(({ id }) => id === instanceId);
    await shop.aws.clients.documents.send(
      new UpdateCommand({
        TableName: shop.table,
        Key: { id: instanceId },
        UpdateExpression: "SET #expiresAt = :soon, #seenAt = :longAgo",
        ExpressionAttributeNames: { "#expiresAt": "expiresAt", "#seenAt": "seenAt" },
        ExpressionAttributeValues: { ":soon": 1, ":longAgo": "2026-01-31T08:30:00.000Z" },
      }),
    );
    await expect.poll(async () => Number((await row())?.expiresAt), until).toBeGreaterThan(1);
    expect(await row()).not.toHaveProperty("seenAt", "2026-01-31T08:30:00.000Z");
  });
});
