import { randomUUID } from "node:crypto";
import { CreateQueueCommand, ReceiveMessageCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import { describe, expect, test } from "vitest";
import { hintShop, interceptedClients, until } from "./hint-shop.fixture.ts";

const shop = hintShop();

/** Clients whose messages leave only when released. */
function slowToSend() {
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  let sent = 0;
  const clients = interceptedClients(shop, {
    before: (command) => {
      if (command !== "SendMessageCommand") return;
      sent += 1;
      return released;
    },
  });
  return { clients, release, sent: () => sent };
}

/** Clients that fail to read the instances after `blind()`. From then on, peers are known by hellos alone. */
function blindable() {
  let isBlind = false;
  const clients = interceptedClients(shop, {
    before: (command) => (isBlind && command === "ScanCommand" ? Promise.reject(new Error("out of sight")) : undefined),
  });
  const blind = () => {
    isBlind = true;
  };
  return { clients, blind };
}

describe("hints", () => {
  test("reach the addressed instance, and no other", async () => {
    const [here, there, elsewhere] = [await shop.open(), await shop.open(), await shop.open()];
    for (let version = 1; version <= 25; version++)
      here.hints.send(there.instanceId, { id: `order-${version}`, version });
    await expect.poll(() => there.received.length, until).toBe(25);
    expect(new Set(there.received.map(({ id }) => id)).size).toBe(25);
    expect(there.received).toContainEqual({ id: "order-7", version: 7 });
    expect([here.received, elsewhere.received]).toEqual([[], []]);
  });

  test("to an instance that is gone are dropped", async () => {
    const [here, there] = [await shop.open(), await shop.open()];
    here.hints.send("0".repeat(21), { id: "order-1", version: 1 });
    here.hints.send(there.instanceId, { id: "order-2", version: 1 });
    await expect.poll(() => there.received.length, until).toBe(1);
  });

  test("that cannot be read do not stop the next", async () => {
    const [here, there] = [await shop.open(), await shop.open()];
    const QueueUrl = await shop.urlOf(there.queue);
    for (const MessageBody of ["no JSON", '{"hints":[{"id":7}]}', "null", "[]"]) {
      await shop.aws.clients.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
    }
    here.hints.send(there.instanceId, { id: "order-1", version: 1 });
    await expect.poll(() => there.received, until).toEqual([{ id: "order-1", version: 1 }]);
  });

  test("that arrive while a message is on its way go together, and only the newest of each id", async () => {
    const there = await shop.open();
    const slow = slowToSend();
    const here = await shop.open({ clients: slow.clients });
    for (let version = 1; version <= 1_200; version++) {
      here.hints.send(there.instanceId, { id: `order-${version % 600}`, version, status: "PLACED" });
    }
    slow.release();
    await expect.poll(() => there.received.length, until).toBeGreaterThanOrEqual(600);
    expect(there.received).toContainEqual({ id: "order-7", version: 607, status: "PLACED" });
    expect(slow.sent()).toBeLessThanOrEqual(4);
    expect(there.received.length).toBeLessThanOrEqual(601);
  });

  test("that are broadcast reach all others, in any order of opening", async () => {
    const instances = [await shop.open(), ...(await Promise.all([shop.open(), shop.open()])), await shop.open()];
    const reachedBy = (order: string) => instances.map(({ received }) => received.some(({ id }) => id === order));
    // The last instance has read the rows of all others. The others know of it when its hello has arrived.
    for (const [index, { hints }] of instances.entries()) {
      const id = `order-${index}`;
      const broadcast = () => {
        hints.broadcast({ id, version: 1 });
        return reachedBy(id);
      };
      await expect.poll(broadcast, until).toEqual(instances.map((_, other) => other !== index));
    }
  });

  test("that are broadcast reach a later instance as soon as its hello has arrived", async () => {
    const { clients, blind } = blindable();
    const here = await shop.open({ clients });
    blind();
    const later = await shop.open();
    await expect.poll(() => [...here.hints.peers], until).toEqual([later.instanceId]);
  });

  test("that are broadcast come from an instance that could not read its peers when it opened, after a heartbeat", async () => {
    let reads = 0;
    const clients = interceptedClients(shop, {
      before: (command) => {
        const isFirstRead = command === "ScanCommand" && ++reads === 1;
        return isFirstRead ? Promise.reject(new Error("out of sight")) : undefined;
      },
    });
    const there = await shop.open();
    const here = await shop.open({ clients });
    await expect.poll(() => [...here.hints.peers], until).toEqual([there.instanceId]);
    await expect.poll(() => [...there.hints.peers], until).toEqual([here.instanceId]);
  });

  test("that are broadcast no longer go to an instance without a queue", async () => {
    await shop.instances().register("gone");
    const { clients, blind } = blindable();
    const here = await shop.open({ clients });
    expect([...here.hints.peers]).toEqual(["gone"]);
    blind();
    here.hints.broadcast({ id: "order-1", version: 1 });
    await expect.poll(() => [...here.hints.peers], until).toEqual([]);
  });

  test("go to and come from an instance of an older release, whose id is a UUID without hyphens", async () => {
    const older = randomUUID().replaceAll("-", "");
    const { sqs } = shop.aws.clients;
    await shop.instances().register(older);
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: shop.instances().queueName(older) }));
    const received: unknown[] = [];
    const receive = async () => {
      const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
      received.push(...Messages.map(({ Body = "" }) => JSON.parse(Body)));
      return received;
    };
    const { hints, instanceId, received: own, queue } = await shop.open();
    await expect.poll(receive, until).toContainEqual({ hints: [], hello: instanceId });
    hints.broadcast({ id: "order-1", version: 1 });
    await expect.poll(receive, until).toContainEqual({ hints: [{ id: "order-1", version: 1 }] });
    const MessageBody = JSON.stringify({ hints: [{ id: "order-2", version: 1 }], hello: older });
    await sqs.send(new SendMessageCommand({ QueueUrl: await shop.urlOf(queue), MessageBody }));
    await expect.poll(() => own, until).toEqual([{ id: "order-2", version: 1 }]);
    expect([...hints.peers]).toEqual([older]);
  });

  test("on their way are sent before a drain ends", async () => {
    const there = await shop.open();
    const slow = slowToSend();
    const here = await shop.open({ clients: slow.clients });
    here.hints.send(there.instanceId, { id: "order-1", version: 1 });
    const steps: string[] = [];
    const drained = here.hints.drain().then(() => steps.push("drained"));
    await expect.poll(() => shop.rowIds(), until).not.toContain(here.instanceId);
    steps.push("row removed");
    slow.release();
    await drained;
    expect(steps).toEqual(["row removed", "drained"]);
    await expect.poll(() => there.received.length, until).toBe(1);
  });
});
