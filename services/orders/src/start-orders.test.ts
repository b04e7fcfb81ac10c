import { BrewFinished, BrewStarted } from "@doubleshot/contracts";
import { uuidv7 } from "@doubleshot/messaging";
import type { RunningService } from "@doubleshot/service-kit";
import { createAwsClients } from "@doubleshot/topology";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { ordersContainer, tokens } from "./orders.module.ts";
import { startOrders } from "./start-orders.ts";
import { normalised, openTestAws, openTestShop, type TestAws, type TestShop, until } from "./test-shop.fixture.ts";

let aws: TestAws;
let shop: TestShop;
const opened: RunningService[] = [];

beforeAll(async () => {
  aws = await openTestAws();
});
beforeEach(async () => {
  shop = await openTestShop(aws);
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((orders) => orders.drain()));
});
afterAll(() => aws[Symbol.asyncDispose]());

async function open(env: NodeJS.ProcessEnv = {}): Promise<RunningService> {
  const orders = await startOrders(shop.setting(env));
  opened.push(orders);
  return orders;
}

const order = (at: RunningService, name: string) =>
  fetch(`${at.url}/order/`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ name }),
  });

const nextOrder = () => until(async () => (await shop.orderIds())[0]);
const inboxOf = async () => (await shop.rows("orders-inbox")).map(({ ignored }) => ignored ?? "committed");

describe("an order, from the counter to the caller", () => {
  test("waits until the bar has finished, and is answered as completed", async () => {
    const counter = await open();
    const answer = order(counter, "Ada ☕️");
    const id = await nextOrder();
    await shop.bar.starts(id);
    await shop.bar.finishes(id, { crema: true });
    const response = await answer;
    expect(response.status).toBe(200);
    expect(normalised(await response.json())).toMatchInlineSnapshot(`
      {
        "completed_at": "<time>",
        "id": "<id 1>",
        "items": [
          {
            "quantity": 1,
            "sku": "americano",
          },
        ],
        "name": "Ada ☕️",
        "placed_at": "<time>",
        "result": {
          "crema": true,
        },
        "started_at": "<time>",
        "status": "COMPLETED",
      }
    `);
  });

  test("is counted: what was committed, what was handled, and how long the news took", async () => {
    const counter = await open();
    const answer = order(counter, "Ada");
    const id = await nextOrder();
    await shop.bar.finishes(id);
    await answer;
    const shown = async () => (await fetch(`${counter.url}/metrics`)).text();
    // The caller may have their answer before the handler that woke them has returned.
    await expect.poll(shown).toMatch(/^subscriber_lag_seconds_count\{subscriber="orders"\} 1$/m);
    expect(await shown()).toMatch(
      /^outbox_commit_duration_seconds_count\{source="\/doubleshot\/orders",outcome="committed"\} 2$/m,
    );
    expect(await shown()).toMatch(/^nodejs_eventloop_lag_p99_seconds /m);
  });

  test("leaves these rows", async () => {
    const counter = await open();
    const answer = order(counter, "Ada");
    const id = await nextOrder();
    await shop.bar.starts(id);
    await shop.bar.finishes(id);
    await answer;
    const inbox = (await shop.rows("orders-inbox")).sort((a, b) => String(a.type).localeCompare(String(b.type)));
    expect(
      normalised({ orders: await shop.rows("orders"), outbox: await shop.rows("orders-outbox"), inbox }),
    ).toMatchInlineSnapshot(`
      {
        "inbox": [
          {
            "attempts": 1,
            "expiresAt": "<epoch seconds>",
            "handledAt": "<time>",
            "message": "orders#<id 4>",
            "publishedAt": "<time>",
            "source": "/doubleshot/barista",
            "type": "BrewFinished",
          },
          {
            "attempts": 1,
            "expiresAt": "<epoch seconds>",
            "handledAt": "<time>",
            "message": "orders#<id 5>",
            "publishedAt": "<time>",
            "source": "/doubleshot/barista",
            "type": "BrewStarted",
          },
        ],
        "orders": [
          {
            "completedAt": "<time>",
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
            "replyTo": "<instance>",
            "startedAt": "<time>",
            "status": "COMPLETED",
            "version": 3,
          },
        ],
        "outbox": [
          {
            "aggregate": "order#<id 1>",
            "committedAt": "<time>",
            "events": [
              {
                "id": "<id 2>",
                "json": "{"specversion":"1.0","id":"<id 2>","type":"OrderPlaced","source":"/doubleshot/orders","subject":"order#<id 1>","time":"<time>","datacontenttype":"application/json","dataschema":"/doubleshot/orders/OrderPlaced/1","sequence":"000000000001.000","correlationid":"<id 3>","data":{"orderId":"<id 1>","items":[{"sku":"americano","quantity":1}],"name":"Ada","turn":1,"placedAt":"<time>"}}",
                "type": "OrderPlaced",
              },
            ],
            "expiresAt": "<epoch seconds>",
            "version": 1,
          },
        ],
      }
    `);
  });
});

describe("the bar's news", () => {
  test("moves the order on, message by message", async () => {
    const counter = await open();
    const answer = order(counter, "Ada");
    const id = await nextOrder();
    const status = async () => (await shop.rows("orders"))[0]?.status;
    expect(await status()).toBe("PLACED");
    await shop.bar.starts(id);
    await until(async () => (await status()) === "BREWING");
    await shop.bar.finishes(id);
    expect(await (await answer).json()).toMatchObject({ id, status: "COMPLETED" });
  });

  test("delivered twice counts once", async () => {
    const counter = await open();
    const answer = order(counter, "Ada");
    const id = await nextOrder();
    const started = await shop.bar.starts(id);
    await shop.bar.deliver(id, started);
    const finished = await shop.bar.finishes(id);
    await shop.bar.deliver(id, finished);
    expect((await answer).status).toBe(200);
    await queueIsEmpty();
    expect(await inboxOf()).toEqual(["committed", "committed"]);
    expect(await shop.rows("orders")).toMatchObject([{ version: 3 }]);
  });

  test("of a start that comes after the finish is put down with its reason, and changes nothing", async () => {
    await open();
    const counter = await open();
    const answer = order(counter, "Ada");
    const id = await nextOrder();
    const late = await shop.bar.message(id, BrewStarted({ orderId: id, startedAt: new Date().toISOString() }));
    await shop.bar.finishes(id);
    await answer;
    await shop.bar.deliver(id, late);
    await until(async () => (await inboxOf()).length === 2);
    expect((await inboxOf()).toSorted()).toEqual(["committed", "the order is COMPLETED already"]);
    expect(await shop.rows("orders")).toMatchObject([{ version: 2, status: "COMPLETED" }]);
  });

  test("of an order that nobody placed is put down with its reason", async () => {
    await open();
    const id = uuidv7();
    await shop.bar.starts(id);
    await shop.bar.finishes(id);
    await until(async () => (await inboxOf()).length === 2);
    expect(await inboxOf()).toEqual(["there is no such order", "there is no such order"]);
  });
});

describe("two instances, where the caller waits on the one that gets no messages", () => {
  test.each([
    ["hints and the sweep", {}],
    ["hints alone", { SWEEP: "off" }],
    ["the sweep alone", { HINTS: "off" }],
  ])("by %s", async (_name, env) => {
    const waiting = await open({ CONSUME: "off", ...env });
    await open(env);
    const answers = ["Ada", "Bob", "Cyd"].map(async (name) => (await order(waiting, name)).json());
    const ids = await until(async () => {
      const found = await shop.orderIds();
      return found.length === 3 && found;
    });
    await Promise.all(ids.map((id) => shop.bar.finishes(id, `for ${id}`)));
    for (const [index, answer] of (await Promise.all(answers)).entries()) {
      expect(answer).toMatchObject({ name: ["Ada", "Bob", "Cyd"][index], status: "COMPLETED" });
      expect(answer).toHaveProperty("result", `for ${Object(answer).id}`);
    }
  });

  test("a completion that another process commits after this one has loaded the order is told by this one too", async () => {
    const waiting = await open({ CONSUME: "off", SWEEP: "off" });
    const answer = order(waiting, "Ada");
    const id = await nextOrder();
    const finishedAt = new Date().toISOString();
    const body = await shop.bar.message(id, BrewFinished({ orderId: id, finishedAt }));
    const delivery = { body, receiveCount: 1, sentAt: Date.now() };
    const mute = ordersContainer(shop.setting({ HINTS: "off" })).get(tokens.subscriber);
    const late = ordersContainer(shop.setting());
    const store = late.get(tokens.OrderStore);
    const get = store.get.bind(store);
    store.get = async (orderId) => {
      const loaded = await get(orderId);
      await mute.handle(delivery);
      return loaded;
    };
    expect(await late.get(tokens.subscriber).handle(delivery)).toHaveProperty("outcome", "duplicate");
    expect(await (await answer).json()).toMatchObject({ id, status: "COMPLETED" });
  });

  test("a completion whose hint was never sent is told when its message comes again", async () => {
    const waiting = await open({ CONSUME: "off", SWEEP: "off" });
    const answer = order(waiting, "Ada");
    const id = await nextOrder();
    const finishedAt = new Date().toISOString();
    const finished = await shop.bar.message(id, BrewFinished({ orderId: id, finishedAt }));
    // A process that handles the message, and has no way to tell of it.
    const mute = ordersContainer(shop.setting({ HINTS: "off" })).get(tokens.subscriber);
    expect(await mute.handle({ body: finished, receiveCount: 1, sentAt: Date.now() })).toHaveProperty(
      "outcome",
      "committed",
    );
    await open();
    await shop.bar.deliver(id, finished);
    expect((await answer).status).toBe(200);
  });
});

test("a process that cannot have its port leaves nothing behind", async () => {
  const { url } = await open({ HINTS: "off" });
  const reading = startOrders(shop.setting({ PORT: new URL(url).port }));
  await expect(reading).rejects.toThrow(/PORT \d+ on 127.0.0.1 is taken/);
  expect(await shop.rows("orders-instances")).toEqual([]);
});

test("a shop that was never provisioned is named in one sentence", async () => {
  const { config, ...rest } = shop.setting();
  const opening = startOrders({ ...rest, config: { ...config, SHOP: "nowhere" } });
  await expect(opening).rejects.toThrow(/nowhere-orders/);
  await expect(opening).rejects.toHaveProperty("exitSentence", true);
});

test("a counter that is about to close is not ready and takes no orders, and does the rest until it drains", async () => {
  const closing = new AbortController();
  const counter = await startOrders({ ...shop.setting(), signal: closing.signal });
  opened.push(counter);
  const answer = order(counter, "Ada");
  const id = await nextOrder();
  closing.abort();
  expect((await fetch(`${counter.url}/readyz`)).status).toBe(503);
  for (const path of ["/order/", "/orders"]) {
    const refused = await fetch(`${counter.url}${path}`, { method: "POST" });
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "1"]);
  }
  expect(await shop.orderIds()).toEqual([id]);
  expect((await fetch(`${counter.url}/orders/${id}`)).status).toBe(200);
  const other = await open();
  await shop.bar.finishes(id);
  expect((await answer).status).toBe(200);
  await other.drain();
});

test("a counter that is about to close asks for no more messages", async () => {
  const clients = createAwsClients({ endpoints: aws.endpoints });
  onTestFinished(() => clients.destroy());
  let asking = 0;
  clients.longPolls.middlewareStack.add(
    (next) => async (call) => {
      const { QueueUrl = "" } = call.input as { QueueUrl?: string };
      if (!QueueUrl.endsWith("orders-subscriber.fifo")) return next(call);
      asking += 1;
      return next(call).finally(() => {
        asking -= 1;
      });
    },
    { step: "initialize" },
  );
  const closing = new AbortController();
  opened.push(await startOrders({ ...shop.setting({}, clients), signal: closing.signal }));
  await expect.poll(() => asking).toBe(1);
  closing.abort();
  await expect.poll(() => asking).toBe(0);
});

test("a counter that is about to close tells those who come back of the order they have", async () => {
  const closing = new AbortController();
  const counter = await startOrders({ ...shop.setting(), signal: closing.signal });
  opened.push(counter);
  const ask = (path: string, body = "{}") =>
    fetch(`${counter.url}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", "idempotency-key": "mine" },
      body,
    });
  const placed = Object(await (await ask("/orders")).json());
  closing.abort();
  expect(await (await ask("/orders")).json()).toEqual(placed);
  expect((await ask("/orders", '{"name":"Ada"}')).status).toBe(422);
  const waiting = ask("/order/");
  await until(async () => (await (await fetch(`${counter.url}/metrics`)).text()).includes("orders_waiting 1\n"));
  await counter.drain();
  const sentOn = await waiting;
  expect([sentOn.status, sentOn.headers.get("location")]).toEqual([503, `/orders/${placed.id}`]);
});

describe("draining", () => {
  test("sends the waiting on, to where their orders are, and the orders go on", async () => {
    const closing = await open();
    const answers = ["Ada", "Bob"].map((name) => order(closing, name));
    const ids = await until(async () => {
      const found = await shop.orderIds();
      return found.length === 2 && found;
    });
    await closing.drain();
    const responses = await Promise.all(answers);
    for (const response of responses) {
      expect(response.status).toBe(503);
      expect(response.headers.get("retry-after")).toBe("1");
      expect(response.headers.get("content-type")).toContain("application/problem+json");
    }
    const locations = responses.map((response) => response.headers.get("location"));
    expect(locations.toSorted()).toEqual(ids.map((id) => `/orders/${id}`).toSorted());

    const next = await open();
    await shop.bar.finishes(ids[0] ?? "");
    const done = await until(async () => {
      const found = Object(await (await fetch(`${next.url}/orders/${ids[0]}`)).json());
      return found.status === "COMPLETED" && found;
    });
    expect(done).toMatchObject({ id: ids[0] });
  });

  test("finishes the handlers under way and leaves no instance behind", async () => {
    const closing = await open();
    for (let i = 0; i < 20; i++) await shop.bar.finishes(uuidv7());
    await until(async () => (await inboxOf()).length > 0);
    await closing.drain();
    expect(await shop.rows("orders-instances")).toEqual([]);
    // Handled or given back, none in between: the next process gets the rest.
    await open();
    await until(async () => (await inboxOf()).length === 20, 45);
  });

  test("leaves no way in", async () => {
    const closing = await open();
    await closing.drain();
    await expect(fetch(`${closing.url}/readyz`)).rejects.toThrow();
  });
});

async function queueIsEmpty(): Promise<void> {
  await until(() => shop.queueIsEmpty());
}
