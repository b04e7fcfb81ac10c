import { BrewFinished, BrewStarted, OrderPlaced } from "@doubleshot/contracts";
import { physicalName } from "@doubleshot/topology";
import { describe, expect, test } from "vitest";
import { barista } from "./barista.ts";
import { coffeeShop } from "./coffee-shop.ts";
import { customers } from "./customers.ts";
import { defineShop } from "./define-shop.ts";
import { orders } from "./orders.ts";
import { type Service, service } from "./service.ts";
import { byId } from "./table-specs.ts";

describe("a further service is one manifest", () => {
  const loyalty = service("loyalty", {
    port: 9704,
    program: "tests/loyalty/src/main.ts",
    tables: { loyalty: byId },
    subscribes: { orders: [OrderPlaced], barista: [BrewFinished] },
  });
  const larger = defineShop("doubleshot", [orders, barista, customers, loyalty]);

  test("it has a queue, an inbox and a subscription to each publisher", () => {
    const { tables, queues, topics, mappings, subscriptions } = larger.topology;
    const added = (all: object, before: object) => Object.keys(all).filter((name) => !(name in before));
    expect(added(tables, coffeeShop.topology.tables)).toEqual(["loyalty", "loyalty-inbox"]);
    expect(added(queues, coffeeShop.topology.queues)).toEqual([
      "loyalty-subscriber.fifo",
      "loyalty-subscriber-dead.fifo",
      "loyalty-subscriber-undelivered.fifo",
    ]);
    expect([topics, mappings]).toEqual([coffeeShop.topology.topics, coffeeShop.topology.mappings]);
    const own = {
      queue: "loyalty-subscriber.fifo",
      undelivered: "loyalty-subscriber-undelivered.fifo",
      handledBy: { subscriber: "loyalty", inbox: "loyalty-inbox" },
    };
    expect(subscriptions.filter(({ queue }) => queue === own.queue)).toEqual([
      { topic: "orders-events.fifo", handles: ["OrderPlaced"], ...own },
      { topic: "barista-events.fifo", handles: ["BrewFinished"], ...own },
    ]);
    expect(subscriptions.filter(({ queue }) => queue !== own.queue)).toEqual(coffeeShop.topology.subscriptions);
  });

  test("it uses its tables and its queue, and nothing of what it has not", () => {
    expect(larger.services.loyalty).toMatchObject({
      port: 9704,
      program: "tests/loyalty/src/main.ts",
      source: "/doubleshot/loyalty",
      uses: {
        tables: ["loyalty", "loyalty-inbox"],
        queues: ["loyalty-subscriber.fifo", "loyalty-subscriber-dead.fifo"],
      },
    });
  });
});

test("a service's processes use its tables and the queues that they receive from", () => {
  expect(orders.uses).toEqual({
    tables: ["orders", "orders-requests", "orders-outbox", "orders-inbox", "orders-instances"],
    queues: ["orders-subscriber.fifo", "orders-subscriber-dead.fifo"],
  });
  expect(orders.program).toBe("services/orders/src/main.ts");
});

describe("a mistake is one sentence that says what to correct", () => {
  const bare = (name: string, manifest: Partial<Parameters<typeof service>[1]> = {}): Service =>
    service(name, { port: 1, tables: {}, ...manifest });

  test.each<[string, readonly Service[], string]>([
    [
      "two services of one name",
      [bare("till"), bare("till", { port: 2 })],
      "Two services are named till: give one of them another name.",
    ],
    [
      "a port twice",
      [bare("till"), bare("shelf")],
      "Services till and shelf both have port 1: give one of them another port.",
    ],
    ["no port", [bare("till", { port: 0 })], "Service till has the port 0: give a whole number from 1 to 65535."],
    [
      "a subscription to a service that is not there",
      [bare("till", { subscribes: { bar: [BrewFinished] } })],
      'Service till subscribes to "bar", which is no service of the shop: it has till.',
    ],
    [
      "a subscription to an event that is not published",
      [bare("bar", { publishes: [BrewStarted] }), bare("till", { port: 2, subscribes: { bar: [BrewFinished] } })],
      "Service till subscribes to BrewFinished of bar, which publishes BrewStarted: add it there, or correct the subscription.",
    ],
    [
      "a subscription to a service that publishes nothing",
      [bare("bar"), bare("till", { port: 2, subscribes: { bar: [BrewFinished] } })],
      "Service till subscribes to BrewFinished of bar, which publishes nothing: add it there, or correct the subscription.",
    ],
    [
      "a subscription to nothing",
      [bare("bar"), bare("till", { port: 2, subscribes: { bar: [] } })],
      "Service till subscribes to no event of bar: name one, or leave it out.",
    ],
    [
      "a path of two services",
      [bare("till", { paths: ["/coins"] }), bare("safe", { port: 2, paths: ["/notes", "/coins/old"] })],
      "Services till and safe both have the path /coins/old: give one of them another path.",
    ],
    [
      "a path that a load balancer takes for a pattern",
      [bare("till", { paths: ["/coins/*"] })],
      'Service till has the path "/coins/*": use segments of letters, digits, hyphens, dots and underscores, each after a slash.',
    ],
    [
      "a table of two services",
      [bare("till", { tables: { coins: byId } }), bare("safe", { port: 2, tables: { coins: byId } })],
      "Services till and safe both have a table coins: give one of them another name.",
    ],
    [
      "a table that follows from another service's manifest",
      [bare("till", { publishes: [OrderPlaced] }), bare("safe", { port: 2, tables: { "till-outbox": byId } })],
      "Services till and safe both have a table till-outbox: give one of them another name.",
    ],
    [
      "a table that follows from the service's own manifest",
      [bare("till", { publishes: [OrderPlaced], tables: { "till-outbox": byId } })],
      "Service till names a table till-outbox, as does its manifest's messaging: give its own another name.",
    ],
    [
      "a table that DynamoDB refuses",
      [bare("till", { tables: { "coins & notes": byId } })],
      'Service till names a table or an index "coins & notes": use 3 to 222 letters, digits, underscores, dots and hyphens.',
    ],
    [
      "an index that DynamoDB refuses",
      [bare("till", { tables: { coins: { ...byId, indexes: { by: { ...byId.key, projection: "ALL" } } } } })],
      'Service till names a table or an index "by": use 3 to 222 letters, digits, underscores, dots and hyphens.',
    ],
    [
      "a service that AWS refuses",
      [bare("Till")],
      'A service is named "Till": use lower-case letters, digits and hyphens, the first a letter.',
    ],
    [
      "a name of npm start",
      [bare("admin")],
      "A service is named admin, which npm start uses for something else: give it another name.",
    ],
    [
      "a service whose queues SQS refuses",
      [bare("a-till-of-many-words")],
      "Service a-till-of-many-words has a name too long for its queues (SQS takes 80 characters, and SHOP may take 32 of them): shorten it by 1.",
    ],
  ])("%s", (_, services, sentence) => {
    expect(() => defineShop("shop", services)).toThrow(
      expect.objectContaining({ name: "ShopError", message: sentence }),
    );
  });

  test.each(["auth-jwks", "aws-endpoint", "faults", "inspector", "dynamodb-admin", "relay"])(
    "the name %s of npm start",
    (name) => {
      const sentence = `A service is named ${name}, which npm start uses for something else: give it another name.`;
      expect(() => defineShop("shop", [bare(name)])).toThrow(sentence);
    },
  );

  test.each(["", "My Shop", "-shop", "x".repeat(33)])("the shop %j", (name) => {
    expect(() => defineShop(name, [])).toThrow(/^The shop is named "[^\n]+[.]$/);
  });

  test("the longest names that are taken fit", () => {
    const shopName = "x".repeat(32);
    const name = "x".repeat(19);
    const events = [OrderPlaced];
    const { topology } = defineShop(shopName, [
      bare(name, { publishes: events, subscribes: { [name]: events }, waits: true }),
    ]);
    const queues = Object.keys(topology.queues).map((queue) => physicalName(shopName, queue).length);
    expect(Math.max(...queues)).toBe(80);
  });
});
