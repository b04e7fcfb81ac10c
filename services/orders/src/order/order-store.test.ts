import { isDeepStrictEqual } from "node:util";
import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { BrewResult } from "@doubleshot/contracts";
import { type Outbox, uuidv7 } from "@doubleshot/messaging";
import { host } from "@doubleshot/service-host";
import { type Row, stable, useLocalAws } from "@doubleshot/service-host/testing";
import { beforeEach, describe, expect, test } from "vitest";
import { useOrders } from "../orders.fixture.ts";
import { brewing, complete, type Order, place } from "./order.ts";
import { OrderStore } from "./order-store.ts";

const here = useOrders(useLocalAws());
let store: OrderStore;
let outbox: Outbox;

beforeEach(() => {
  const container = here.container();
  store = container.get(OrderStore);
  outbox = container.get(host.outbox);
});

const items = [{ sku: "americano", quantity: 1 }];
const placedAt = "2026-01-31T08:30:00.000Z";
const anOrder = (request: Partial<Order> = {}, id = uuidv7()) =>
  place({ items, ...request }, { id, at: placedAt, turn: 1 }).state;

/** The order as it is after this commit. */
async function kept(order: Order): Promise<Order> {
  await outbox.commit({ aggregate: `order#${order.id}`, save: store.save(order) });
  return { ...order, version: order.version + 1 };
}

describe("an order that was saved", () => {
  test("is read as it was", async () => {
    const name = "☕️ 🧑‍🚀 \u0000\u001b";
    const saved = await kept(anOrder({ name, customerId: "c-1", total: 435, replyTo: "instance-1" }));
    expect(await store.get(saved.id)).toEqual(saved);
  });

  test.each<BrewResult>([null, 0, "", false, [], {}, { "": [null] }, 1e300, 2 ** 60, "\ud83d", nested(50)])(
    "keeps the result as it was, also what a DynamoDB map cannot hold: %j",
    async (result) => {
      const placed = await kept(anOrder());
      const decision = complete(placed, { finishedAt: placedAt, result });
      if (decision.outcome !== "changed") expect.fail(decision.reason);
      await kept(decision.state);
      expect((await store.get(placed.id))?.result).toEqual(result);
    },
  );
});

describe("the open orders of an address", () => {
  const placedBy = (openFor: string) => kept(place({ items }, { id: uuidv7(), at: placedAt, turn: 1, openFor }).state);

  test("are those that it placed and that are not final, at most as many as asked for", async () => {
    const [mine, other, done] = [await placedBy("192.0.2.7"), await placedBy("192.0.2.7"), await placedBy("192.0.2.7")];
    await placedBy("192.0.2.8");
    const decision = complete(done, { finishedAt: placedAt });
    if (decision.outcome !== "changed") expect.fail(decision.reason);
    await kept(decision.state);
    expect((await store.openFor("192.0.2.7", 100)).toSorted()).toEqual([mine.id, other.id].toSorted());
    expect(await store.openFor("192.0.2.7", 1)).toHaveLength(1);
    expect(await store.openFor("192.0.2.9", 100)).toEqual([]);
  });
});

test("a total from before there were accounts, in major units, is read in minor ones", async () => {
  const saved = await kept(anOrder());
  const { TableName = "", Key } = { TableName: here.shop.table("orders"), Key: { id: saved.id } };
  const UpdateExpression = "SET orderTotal = :total, customerId = :customer";
  const ExpressionAttributeValues = { ":total": 4.35, ":customer": "c-1" };
  const old = new UpdateCommand({ TableName, Key, UpdateExpression, ExpressionAttributeValues });
  await here.shop.clients.documents.send(old);
  expect(await store.get(saved.id)).toEqual({ ...saved, total: 435, customerId: "c-1" });
  await kept({ ...saved, total: 435 });
  expect((await here.rows("orders"))[0]).not.toHaveProperty("orderTotal");
});

test("an unknown order is undefined", async () => {
  expect(await store.get(uuidv7())).toBeUndefined();
});

describe("many orders at once", () => {
  test("come each once, more than one call takes, with missing and repeated ids", async () => {
    const orders = await Promise.all(Array.from({ length: 230 }, () => kept(anOrder())));
    const ids = orders.map(({ id }) => id);
    const found = await store.getMany([...ids, uuidv7(), ...ids.slice(0, 120)]);
    expect(found.map(({ id }) => id).sort()).toEqual(ids.toSorted());
  });

  test("come all, also when one answer cannot hold them", async () => {
    // 16 MB is what BatchGetItem answers with at most; the rest it names as unprocessed.
    const result = "x".repeat(380_000);
    const orders = await Promise.all(Array.from({ length: 50 }, () => kept({ ...anOrder(), result })));
    const found = await store.getMany(orders.map(({ id }) => id));
    expect(found.map(({ id }) => id).sort()).toEqual(orders.map(({ id }) => id).sort());
  });

  test("may be none", async () => {
    expect(await store.getMany([])).toEqual([]);
  });
});

test("stored rows have the shape that running shops have in their tables", async () => {
  const id = "0198c0de-0000-7000-8000-000000000001";
  const placed = await kept(anOrder({ name: "Ada", total: 420, replyTo: "instance-1" }, id));
  const rows = await here.rows("orders");
  for (const decide of [
    (order: Order) => brewing(order, { startedAt: placedAt }),
    (order: Order) => complete(order, { finishedAt: placedAt, result: { crema: true } }),
  ]) {
    const decision = decide((await store.get(placed.id)) ?? placed);
    if (decision.outcome === "changed") await kept(decision.state);
    rows.push(...(await here.rows("orders")));
  }
  const [first = {}, ...later] = stable(rows);
  expect([
    first,
    ...later.map((row, index) => changedFields(index === 0 ? first : later[index - 1], row)),
  ]).toMatchInlineSnapshot(`
    [
      {
        "day": "<day and shard>",
        "id": "<id 1>",
        "items": [
          {
            "quantity": 1,
            "sku": "americano",
          },
        ],
        "name": "Ada",
        "place": "<time>#<id 1>",
        "placedAt": "<time>",
        "replyTo": "instance-1",
        "status": "PLACED",
        "total": 420,
        "version": 1,
      },
      {
        "startedAt": "<time>",
        "status": "BREWING",
        "version": 2,
      },
      {
        "completedAt": "<time>",
        "result": "{"crema":true}",
        "status": "COMPLETED",
        "version": 3,
      },
    ]
  `);
});

/** The fields of a row that differ from the row before; a field that is gone is undefined. */
function changedFields(before: Row = {}, after: Row): Row {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  const changed = names.filter((name) => !isDeepStrictEqual(before[name], after[name]));
  return Object.fromEntries(changed.map((name) => [name, after[name]]));
}

function nested(levels: number): BrewResult {
  return levels === 0 ? [] : [nested(levels - 1)];
}
