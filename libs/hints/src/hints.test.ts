import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  QueueDoesNotExist,
  SendMessageCommand,
} from "@aws-sdk/client-sqs";
import { DeleteCommand, PutCommand, ScanCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { type LocalAws, startLocalAws } from "@doubleshot/local-aws";
import { createAwsClients, doubleshot, physicalName, provision } from "@doubleshot/topology";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Hint } from "./hint.ts";
import { QueueHints } from "./hints.ts";
import { Instances } from "./instances.ts";

let aws: LocalAws;
/** A shop of its own for each test, so that they do not meet each other's instances. */
let shop: string;
let shops = 0;
const opened: QueueHints[] = [];

beforeAll(async () => {
  aws = await startLocalAws();
});
beforeEach(async () => {
  shops += 1;
  shop = `shop${shops}`;
  await provision({ topology: doubleshot, shop, clients: aws.clients });
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((hints) => hints.drain()));
});
afterAll(() => aws?.close());

const log = { debug() {}, info() {}, warn() {} };
const table = () => physicalName(shop, "orders-instances");

function instancesOf(lease = 60): Instances {
  const { documents: client, sqs } = aws.clients;
  return new Instances({ client, sqs, table: table(), queuePrefix: prefix(), lease });
}
const prefix = () => `${shop}-orders-hints-`;

/** An instance with its mailbox, quick enough for a test. */
async function anInstance({ clients = aws.clients, rhythm = { heartbeat: 1, janitor: 60, settling: 0 } } = {}) {
  const received: Hint[] = [];
  const hints = new QueueHints({
    clients,
    table: table(),
    queuePrefix: prefix(),
    log,
    onHints: (hints) => void received.push(...hints),
    rhythm,
  });
  await hints.start();
  opened.push(hints);
  const address = hints.address ?? expect.fail("no address");
  return { hints, address, received, queue: instancesOf().queueName(address) };
}

/** Clients whose messages leave only when released. */
function slowToSend() {
  const clients = createAwsClients({ endpoints: aws.endpoints });
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  let sent = 0;
  clients.sqs.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        if (commandName === "SendMessageCommand") {
          sent += 1;
          await released;
        }
        return next(args);
      },
    { step: "initialize" },
  );
  return { clients, release, sent: () => sent, [Symbol.asyncDispose]: async () => clients.destroy() };
}

async function queues(): Promise<string[]> {
  const { QueueUrls = [] } = await aws.clients.sqs.send(new ListQueuesCommand({ QueueNamePrefix: prefix() }));
  return QueueUrls.map((url) => url.slice(url.lastIndexOf("/") + 1));
}

async function rows(): Promise<Record<string, unknown>[]> {
  const { Items = [] } = await aws.clients.documents.send(
    new ScanCommand({ TableName: table(), ConsistentRead: true }),
  );
  return Items;
}
const rowIds = async () => (await rows()).map(({ id }) => id);

/** Waits for what must come true, however the machine is loaded. */
async function until<T>(look: () => Promise<T | undefined | false>): Promise<T> {
  const deadline = performance.now() + 15_000;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > deadline) throw new Error(`It did not come true: ${look.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const urlOf = async (QueueName: string) => (await aws.clients.sqs.send(new GetQueueUrlCommand({ QueueName }))).QueueUrl;

describe("hints", () => {
  test("reach the instance they are addressed to, and no other", async () => {
    const [here, there, elsewhere] = [await anInstance(), await anInstance(), await anInstance()];
    for (let version = 1; version <= 25; version++) here.hints.send(there.address, { id: `order-${version}`, version });
    await until(async () => there.received.length === 25);
    expect(new Set(there.received.map(({ id }) => id)).size).toBe(25);
    expect(there.received).toContainEqual({ id: "order-7", version: 7 });
    expect([here.received, elsewhere.received]).toEqual([[], []]);
  });

  test("to an instance that is gone are dropped", async () => {
    const [here, there] = [await anInstance(), await anInstance()];
    here.hints.send("0".repeat(32), { id: "order-1", version: 1 });
    here.hints.send(there.address, { id: "order-2", version: 1 });
    await until(async () => there.received.length === 1);
  });

  test("that are none do not stop the next", async () => {
    const [here, there] = [await anInstance(), await anInstance()];
    const QueueUrl = await urlOf(there.queue);
    for (const MessageBody of ["no JSON", '{"hints":[{"id":7}]}', "null", "[]"]) {
      await aws.clients.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
    }
    here.hints.send(there.address, { id: "order-1", version: 1 });
    await until(async () => there.received.length > 0);
    expect(there.received).toEqual([{ id: "order-1", version: 1 }]);
  });

  test("that come up while one is on its way go together, and only the newest of each", async () => {
    const there = await anInstance();
    await using slow = slowToSend();
    const here = await anInstance({ clients: slow.clients });
    for (let version = 1; version <= 1_200; version++) {
      here.hints.send(there.address, { id: `order-${version % 600}`, version, status: "PLACED" });
    }
    slow.release();
    await until(async () => there.received.length >= 600);
    expect(there.received).toContainEqual({ id: "order-7", version: 607, status: "PLACED" });
    expect(slow.sent()).toBeLessThanOrEqual(4);
    expect(there.received.length).toBeLessThanOrEqual(601);
  });

  test("for all reach all others, whoever came first", async () => {
    const instances = [await anInstance(), ...(await Promise.all([anInstance(), anInstance()])), await anInstance()];
    // The last has read who is there; those before it know of it when its hello has come.
    for (const [index, { hints }] of instances.entries()) {
      await until(async () => {
        hints.broadcast({ id: `order-${index}`, version: 1 });
        return instances.every(
          ({ received }, other) => other === index || received.some(({ id }) => id === `order-${index}`),
        );
      });
      expect(instances[index]?.received.some(({ id }) => id === `order-${index}`)).toBe(false);
    }
  });

  test("still being sent are sent before the instance is gone", async () => {
    const there = await anInstance();
    await using slow = slowToSend();
    const here = await anInstance({ clients: slow.clients });
    here.hints.send(there.address, { id: "order-1", version: 1 });
    const steps: string[] = [];
    const drained = here.hints.drain().then(() => steps.push("drained"));
    await until(async () => !(await rowIds()).includes(here.address));
    steps.push("row removed");
    slow.release();
    await drained;
    expect(steps).toEqual(["row removed", "drained"]);
    await until(async () => there.received.length === 1);
  });
});

describe("an instance", () => {
  test("has a row that says where it is and until when", async () => {
    const { address, queue } = await anInstance();
    expect(address).toMatch(/^[0-9a-f]{32}$/);
    expect(await rows()).toEqual([
      { id: address, queue, startedAt: expect.stringMatching(/Z$/), expiresAt: expect.any(Number) },
    ]);
  });

  test("leaves neither queue nor row when it drains", async () => {
    const stays = await anInstance();
    const goes = await anInstance();
    expect(await queues()).toHaveLength(2);
    await goes.hints.drain();
    expect(await queues()).toEqual([stays.queue]);
    expect(await rowIds()).toEqual([stays.address]);
  });

  test("that was given up opens another mailbox under another name", async () => {
    const instance = await anInstance();
    await aws.clients.documents.send(new DeleteCommand({ TableName: table(), Key: { id: instance.address } }));
    const moved = await until(async () => instance.hints.address !== instance.address && instance.hints.address);
    expect(await rowIds()).toEqual([moved]);
    await until(async () => (await queues()).join() === instancesOf().queueName(moved));
    (await anInstance()).hints.send(moved, { id: "order-1", version: 1 });
    await until(async () => instance.received.length === 1);
  });

  test("whose queue is gone opens another mailbox under another name", async () => {
    const instance = await anInstance();
    await aws.clients.sqs.send(new DeleteQueueCommand({ QueueUrl: await urlOf(instance.queue) }));
    const moved = await until(async () => instance.hints.address !== instance.address && instance.hints.address);
    await until(async () => (await rowIds()).join() === moved);
    (await anInstance()).hints.send(moved, { id: "order-1", version: 1 });
    await until(async () => instance.received.length === 1);
  });

  test("whose new queue is not there yet waits for it, instead of making one after the other", async () => {
    const clients = createAwsClients({ endpoints: aws.endpoints });
    let calls = 0;
    clients.longPolls.middlewareStack.add(
      (next) => (args) => {
        calls += 1;
        if (calls === 1) throw new QueueDoesNotExist({ message: "not yet", $metadata: {} });
        return next(args);
      },
      { step: "initialize" },
    );
    const instance = await anInstance({ clients, rhythm: { heartbeat: 1, janitor: 60, settling: 60 } });
    (await anInstance()).hints.send(instance.address, { id: "order-1", version: 1 });
    await until(async () => instance.received.length === 1);
    expect(instance.hints.address).toBe(instance.address);
    await instance.hints.drain();
    clients.destroy();
  });

  test("renews its row for as long as it lives", async () => {
    const { address } = await anInstance();
    const end = async () => Number((await rows()).find(({ id }) => id === address)?.expiresAt);
    await aws.clients.documents.send(
      new UpdateCommand({
        TableName: table(),
        Key: { id: address },
        UpdateExpression: "SET #expiresAt = :soon",
        ExpressionAttributeNames: { "#expiresAt": "expiresAt" },
        ExpressionAttributeValues: { ":soon": 1 },
      }),
    );
    await until(async () => (await end()) > 1);
  });
});

describe("the janitor", () => {
  const epochSeconds = () => Math.floor(Date.now() / 1000);

  async function leftBehind(id: string, row: { expiresAt: number } | undefined): Promise<string> {
    const QueueName = instancesOf().queueName(id);
    await aws.clients.sqs.send(new CreateQueueCommand({ QueueName }));
    const TableName = table();
    if (row) await aws.clients.documents.send(new PutCommand({ TableName, Item: { id, ...row } }));
    return QueueName;
  }

  test("removes what lapsed instances left, with or without a row, and nothing of the living", async () => {
    const living = await leftBehind("living", { expiresAt: epochSeconds() + 30 });
    const lapsed = await leftBehind("lapsed", { expiresAt: epochSeconds() - 5 });
    const orphan = await leftBehind("orphan", undefined);
    const removed = await instancesOf().removeLapsed();
    expect(removed.sort()).toEqual([lapsed, orphan].sort());
    expect(await queues()).toEqual([living]);
    expect(await rowIds()).toEqual(["living"]);
  });

  test("leaves other shops alone", async () => {
    await aws.clients.sqs.send(new CreateQueueCommand({ QueueName: `other-${shop}-orders-hints-theirs` }));
    await aws.clients.sqs.send(new CreateQueueCommand({ QueueName: `${shop}-barista-hints-theirs` }));
    expect(await instancesOf().removeLapsed()).toEqual([]);
  });

  test("does its rounds in every living instance", async () => {
    const lapsed = await leftBehind("lapsed", { expiresAt: epochSeconds() - 5 });
    const { queue } = await anInstance();
    await until(async () => !(await queues()).includes(lapsed));
    expect(await queues()).toEqual([queue]);
  });

  test("leaves a row alone that was renewed since it was read, and its queue", async () => {
    const late = await leftBehind("late", { expiresAt: epochSeconds() - 5 });
    const instances = instancesOf();
    const { documents: client, sqs, destroy } = createAwsClients({ endpoints: aws.endpoints });
    client.middlewareStack.add(
      (next, { commandName }) =>
        async (args) => {
          if (commandName?.startsWith("Delete")) expect(await instances.renew("late")).toBe(true);
          return next(args);
        },
      { step: "initialize" },
    );
    const janitor = new Instances({
      client,
      sqs,
      table: table(),
      queuePrefix: prefix(),
      lease: 60,
    });
    expect(await janitor.removeLapsed()).toEqual([]);
    expect(await queues()).toEqual([late]);
    expect(await rowIds()).toEqual(["late"]);
    destroy();
  });

  test("leaves an instance alone that comes while it looks around", async () => {
    const { documents: client, sqs, destroy } = createAwsClients({ endpoints: aws.endpoints });
    let newcomer: Promise<string> | undefined;
    // After the first of its two readings, whichever that is.
    const comesAfter = async (commandName = "") => {
      if (!/^(Scan|ListQueues)/.test(commandName)) return;
      newcomer ??= leftBehind("newcomer", { expiresAt: epochSeconds() + 30 });
      await newcomer;
    };
    client.middlewareStack.add(
      (next, { commandName }) =>
        async (args) => {
          const read = await next(args);
          await comesAfter(commandName);
          return read;
        },
      { step: "initialize" },
    );
    sqs.middlewareStack.add(
      (next, { commandName }) =>
        async (args) => {
          const read = await next(args);
          await comesAfter(commandName);
          return read;
        },
      { step: "initialize" },
    );
    const janitor = new Instances({ client, sqs, table: table(), queuePrefix: prefix(), lease: 60 });
    expect(await janitor.removeLapsed()).toEqual([]);
    expect(await queues()).toEqual([await newcomer]);
    destroy();
  });

  test("takes a lapsed instance's row, so that it learns of it", async () => {
    await leftBehind("lapsed", { expiresAt: epochSeconds() - 5 });
    const instances = instancesOf();
    await instances.removeLapsed();
    expect(await instances.renew("lapsed")).toBe(false);
  });
});
