import { readFile } from "node:fs/promises";
import { type LocalAws, startLocalAws } from "@doubleshot/local-aws";
import { coffeeShop } from "@doubleshot/shop";
import { createAwsClients, physicalName, topicArn } from "@doubleshot/topology";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { blockedGroupsOf } from "../../src/consumer/dead-letters/blocked-groups.ts";
import { createOutbox, ignore, on, relay, subscriber } from "../../src/index.ts";
import { ParkedAggregates, releaseParked } from "../../src/relay/parked.ts";
import type { Clock } from "../../src/runtime/clock.ts";
import { deliver } from "../../src/testing/index.ts";
import { Noted } from "../fixtures/notes.fixture.ts";
import { ample, insertion } from "../fixtures/stream-records.fixture.ts";

// The README's costs are the capacity that DynamoDB reports, for items of less than a kilobyte.

const table = (name: keyof typeof coffeeShop.topology.tables) => physicalName("doubleshot", name);
const tables = { outbox: table("orders-outbox"), inbox: table("orders-inbox") };

let aws: LocalAws;
let clients: ReturnType<typeof createAwsClients>;
let bill: Record<string, number> = {};

beforeAll(async () => {
  aws = await startLocalAws({ topology: coffeeShop.topology });
  clients = createAwsClients({ endpoints: aws.endpoints });
  for (const { middlewareStack } of [clients.documents, clients.sns]) {
    middlewareStack.add(
      (next, { commandName = "" }) =>
        async (args) => {
          Object.assign(args.input, { ReturnConsumedCapacity: "TOTAL" });
          const result = await next(args);
          add(commandName.replace("Command", ""), 1);
          const { ConsumedCapacity = [] } = result.output as { ConsumedCapacity?: Consumed | Consumed[] };
          for (const { CapacityUnits = 0 } of [ConsumedCapacity].flat()) add("units", CapacityUnits);
          return result;
        },
      { step: "initialize" },
    );
  }
});
afterAll(async () => {
  clients?.destroy();
  await aws?.close();
});
beforeEach(() => {
  bill = {};
});

interface Consumed {
  readonly CapacityUnits?: number;
}

function add(what: string, count: number): void {
  bill[what] = (bill[what] ?? 0) + count;
}

const outbox = (clock?: Clock) =>
  createOutbox({ client: clients.documents, source: "/notes", tables, ...(clock && { clock }) });
/** Moves the clock without exceeding a limit of time. */
const put = (id: string) => ({ Put: { TableName: table("barista"), Item: { id } } });

async function inReadme(row: string): Promise<void> {
  const readme = await readFile(new URL("../../README.md", import.meta.url), "utf8");
  expect(readme).toContain(row);
}

test("a commit", async () => {
  const save = { table: table("orders"), key: { id: "1" }, item: { text: "milk" }, expected: 0 };
  await outbox().commit({ aggregate: "note#1", save, events: [Noted({ text: "milk" })] });
  expect(bill).toEqual({ TransactWriteItems: 1, units: 4 });
  await inReadme("| a commit of an item and its events | 1 `TransactWriteItems` | 4 write units |");
});

test("a commit that recreates", async () => {
  const save = { table: table("orders"), key: { id: "2" }, item: { text: "milk" }, expected: 0, recreate: true };
  await outbox().commit({ aggregate: "note#1", save, events: [Noted({ text: "milk" })] });
  expect(bill).toEqual({ Query: 1, TransactWriteItems: 1, units: 5 });
  await inReadme("| the same with `recreate` | 1 `Query`, 1 `TransactWriteItems` | 1 read unit, 4 write units |");
});

test("a delivery", async () => {
  const readers = subscriber("readers", outbox(), [on(Noted, (message) => message.commit({ writes: [put("1")] }))]);
  await deliver(readers, Noted({ text: "milk" }), { subject: "note#1" });
  expect(bill).toEqual({ TransactWriteItems: 1, units: 4 });
  await inReadme("| a delivery that writes one item | 1 `TransactWriteItems` | 4 write units |");
});

test("a delivery that is ignored", async () => {
  const readers = subscriber("idlers", outbox(), [on(Noted, async () => ignore("nothing to do"))]);
  await deliver(readers, Noted({ text: "milk" }), { subject: "note#1" });
  expect(bill).toEqual({ PutItem: 1, units: 1 });
  await inReadme("| a delivery that is ignored | 1 `PutItem` | 1 write unit |");
});

const tenGroups = Array.from({ length: 10 }, (_, n) => `note#${n}`);

test("a read of blocked groups", async () => {
  const blockedGroups = blockedGroupsOf(subscriber("readers", outbox(), []));
  await blockedGroups.among(tenGroups);
  expect(bill).toEqual({ BatchGetItem: 1, units: 1 });
  await inReadme("| ten messages received, with `deadLetters` | 1 `BatchGetItem` | 1 read unit |");
});

const error = { name: "Error", message: "no" };

test("a read of blocked groups when one of them is", async () => {
  const blockedGroups = blockedGroupsOf(subscriber("strugglers", outbox(), []));
  for (const group of ["note#0", "note#blocked"]) await blockedGroups.block(group, "1", error);
  bill = {};
  await blockedGroups.among(tenGroups);
  expect(bill).toEqual({ BatchGetItem: 2, units: 2 });
  await inReadme("| the same while a group of theirs is blocked | 2 `BatchGetItem` | 2 read units |");
});

test("a read of blocked groups when many are", async () => {
  const blockedGroups = blockedGroupsOf(subscriber("the troubled", outbox(), []));
  const many = Array.from({ length: 21 }, (_, n) => `note#blocked-${n}`);
  await Promise.all(many.map((group) => blockedGroups.block(group, "1", error)));
  bill = {};
  await blockedGroups.among(tenGroups);
  expect(bill).toEqual({ BatchGetItem: 2, units: 11 });
  await inReadme(
    "| the same while more than 20 groups of the subscriber are blocked | 2 `BatchGetItem` | 11 read units |",
  );
});

async function openRelay() {
  const aggregates = Array.from({ length: 100 }, (_, n) => `note#${n}`);
  const publish = relay({
    client: clients.sns,
    topicArn: await topicArn(aws.clients, "doubleshot", "orders-events.fifo"),
    source: "/notes",
    parking: { client: clients.documents, table: table("orders-parked") },
  });
  return async (version = 1) => {
    const Records = aggregates.map((aggregate, n) => insertion(aggregate, version, [`"${version}.${n}"`], n));
    expect(await publish({ Records }, ample)).toEqual({ batchItemFailures: [] });
  };
}

test("an invocation of the relay", async () => {
  const invoke = await openRelay();
  await invoke();
  expect(bill).toEqual({ BatchGetItem: 1, PublishBatch: 10, units: 1 });
  await inReadme(
    "| an invocation of the relay with 100 aggregates | 10 `PublishBatch`; with `parking`, 1 `BatchGetItem` | 1 read unit |",
  );
});

function park(aggregate: string) {
  const parked = new ParkedAggregates({ client: clients.documents, table: table("orders-parked") });
  const reason = { code: "InvalidParameter", message: "never" };
  return parked.park({ aggregate, version: 1, events: [], reason }, new AbortController().signal);
}

test("an invocation of the relay when something else is parked", async () => {
  await park("note#parked");
  const invoke = await openRelay();
  bill = {};
  await invoke(2);
  expect(bill).toEqual({ BatchGetItem: 1, PublishBatch: 10, units: 1 });
});

test("an invocation of the relay when one of its aggregates is parked", async () => {
  await park("note#0");
  const invoke = await openRelay();
  bill = {};
  await invoke(2);
  expect(bill).toEqual({ BatchGetItem: 1, PublishBatch: 10, TransactWriteItems: 1, units: 5 });
  await inReadme(
    "| the same while one of them is parked | 1 `BatchGetItem`, 10 `PublishBatch`, 1 `TransactWriteItems` | 1 read unit, 4 write units |",
  );
});

test("an invocation of the relay when many are parked", async () => {
  for (let n = 0; n <= 20; n++) await park(`note#parked-${n}`);
  const invoke = await openRelay();
  await releaseParked(
    { client: clients.documents, table: table("orders-parked") },
    { aggregate: "note#0", upTo: 2, changes: 2 },
  );
  bill = {};
  await invoke(3);
  expect(bill).toEqual({ BatchGetItem: 2, PublishBatch: 10, units: 101 });
  await inReadme(
    "| the same while more than 20 others are parked | 2 `BatchGetItem`, 10 `PublishBatch` | 101 read units |",
  );
});
