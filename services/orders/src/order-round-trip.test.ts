import { BrewFinished, BrewStarted } from "@doubleshot/contracts";
import { uuidv7 } from "@doubleshot/messaging";
import { host } from "@doubleshot/service-host";
import { stable, until, useLocalAws } from "@doubleshot/service-host/testing";
import { describe, expect, test } from "vitest";
import { OrderStore } from "./order/order-store.ts";
import { useOrders } from "./orders.fixture.ts";

const here = useOrders(useLocalAws());

describe("an order, from the counter to the caller", () => {
  test("waits until the bar has finished, and is answered as completed", async () => {
    const counter = await here.start();
    const answer = here.order(counter, "Ada ☕️");
    const id = await here.nextOrder();
    await here.bar.starts(id);
    await here.bar.finishes(id, { crema: true });
    const response = await answer;
    expect(response.status).toBe(200);
    expect(stable(await response.json())).toMatchInlineSnapshot(`
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
    const counter = await here.start();
    const answer = here.order(counter, "Ada");
    const id = await here.nextOrder();
    await here.bar.finishes(id);
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
    const counter = await here.start();
    const answer = here.order(counter, "Ada");
    const id = await here.nextOrder();
    await here.bar.starts(id);
    await here.bar.finishes(id);
    await answer;
    const inbox = (await here.rows("orders-inbox")).sort((a, b) => String(a.type).localeCompare(String(b.type)));
    // The other fields of the order are held by `order-store.test.ts`.
    const orders = (await here.rows("orders")).map(({ items, day, place, ...row }) => row);
    expect(stable({ orders, outbox: await here.rows("orders-outbox"), inbox })).toMatchInlineSnapshot(`
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
            "id": "<id 1>",
            "name": "Ada",
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
                "json": "{"specversion":"1.0","id":"<id 2>","type":"OrderPlaced","source":"/doubleshot/orders","subject":"order#<id 1>","time":"<time>","datacontenttype":"application/json","dataschema":"urn:doubleshot:doubleshot/orders/OrderPlaced/1","sequence":"000000000001.000","correlationid":"<id 3>","data":{"orderId":"<id 1>","items":[{"sku":"americano","quantity":1}],"name":"Ada","turn":1,"placedAt":"<time>"}}",
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

describe("an event of the bar", () => {
  test("moves the order on, message by message", async () => {
    const counter = await here.start();
    const answer = here.order(counter, "Ada");
    const id = await here.nextOrder();
    const status = async () => (await here.rows("orders"))[0]?.status;
    expect(await status()).toBe("PLACED");
    await here.bar.starts(id);
    await until(async () => (await status()) === "BREWING");
    await here.bar.finishes(id);
    expect(await (await answer).json()).toMatchObject({ id, status: "COMPLETED" });
  });

  test("delivered twice counts once", async () => {
    const counter = await here.start();
    const answer = here.order(counter, "Ada");
    const id = await here.nextOrder();
    const started = await here.bar.starts(id);
    await here.bar.deliver(id, started);
    const finished = await here.bar.finishes(id);
    await here.bar.deliver(id, finished);
    expect((await answer).status).toBe(200);
    await queueIsEmpty();
    expect(await here.inbox()).toEqual(["committed", "committed"]);
    expect(await here.rows("orders")).toMatchObject([{ version: 3 }]);
  });

  test("of a start that comes after the finish is recorded in the inbox with its reason, and changes nothing", async () => {
    await here.start();
    const counter = await here.start();
    const answer = here.order(counter, "Ada");
    const id = await here.nextOrder();
    const late = await here.bar.message(id, BrewStarted({ orderId: id, startedAt: new Date().toISOString() }));
    await here.bar.finishes(id);
    await answer;
    await here.bar.deliver(id, late);
    await until(async () => (await here.inbox()).length === 2);
    expect((await here.inbox()).toSorted()).toEqual(["committed", "the order is COMPLETED already"]);
    expect(await here.rows("orders")).toMatchObject([{ version: 2, status: "COMPLETED" }]);
  });

  test("of an unknown order is recorded in the inbox with its reason", async () => {
    await here.start();
    const id = uuidv7();
    await here.bar.starts(id);
    await here.bar.finishes(id);
    await until(async () => (await here.inbox()).length === 2);
    expect(await here.inbox()).toEqual(["there is no such order", "there is no such order"]);
  });
});

describe("two instances, where the caller waits on the one that gets no messages", () => {
  test.each([
    ["hints and the sweep", {}],
    ["hints alone", { SWEEP: "off" }],
    ["the sweep alone", { HINTS: "off" }],
  ])("by %s", async (_name, env) => {
    const waiting = await here.start({ CONSUME: "off", ...env });
    await here.start(env);
    const answers = ["Ada", "Bob", "Cyd"].map(async (name) => (await here.order(waiting, name)).json());
    const ids = await until(async () => {
      const found = await here.orderIds();
      return found.length === 3 && found;
    });
    await Promise.all(ids.map((id) => here.bar.finishes(id, `for ${id}`)));
    for (const [index, answer] of (await Promise.all(answers)).entries()) {
      expect(answer).toMatchObject({ name: ["Ada", "Bob", "Cyd"][index], status: "COMPLETED" });
      expect(answer).toHaveProperty("result", `for ${Object(answer).id}`);
    }
  });

  test("a completion that another process commits after this one has loaded the order is hinted by this one too", async () => {
    const waiting = await here.start({ CONSUME: "off", SWEEP: "off" });
    const answer = here.order(waiting, "Ada");
    const id = await here.nextOrder();
    const finishedAt = new Date().toISOString();
    const body = await here.bar.message(id, BrewFinished({ orderId: id, finishedAt }));
    const delivery = { body, receiveCount: 1, sentAt: Date.now() };
    const withoutHints = here.container({ HINTS: "off" }).get(host.subscriber);
    const late = here.container();
    const store = late.get(OrderStore);
    const get = store.get.bind(store);
    store.get = async (orderId) => {
      const loaded = await get(orderId);
      await withoutHints.handle(delivery);
      return loaded;
    };
    expect(await late.get(host.subscriber).handle(delivery)).toHaveProperty("outcome", "duplicate");
    expect(await (await answer).json()).toMatchObject({ id, status: "COMPLETED" });
  });

  test("a completion whose hint was never sent is hinted when its message comes again", async () => {
    const waiting = await here.start({ CONSUME: "off", SWEEP: "off" });
    const answer = here.order(waiting, "Ada");
    const id = await here.nextOrder();
    const finishedAt = new Date().toISOString();
    const finished = await here.bar.message(id, BrewFinished({ orderId: id, finishedAt }));
    // A process that handles the message, and has no way to tell of it.
    const withoutHints = here.container({ HINTS: "off" }).get(host.subscriber);
    expect(await withoutHints.handle({ body: finished, receiveCount: 1, sentAt: Date.now() })).toHaveProperty(
      "outcome",
      "committed",
    );
    await here.start();
    await here.bar.deliver(id, finished);
    expect((await answer).status).toBe(200);
  });
});

async function queueIsEmpty(): Promise<void> {
  await until(async () => (await here.messagesLeft()) === 0);
}
