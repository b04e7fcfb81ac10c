import { physicalName, type Topology } from "@doubleshot/topology";
import { describe, expect, test } from "vitest";
import { coffeeShop } from "./coffee-shop.ts";

const topology: Topology = coffeeShop.topology;
const { tables, topics, queues, subscriptions, mappings, buckets = {} } = topology;

test("the resources are those that deployed shops have", () => {
  const { services, ...resources } = topology;
  expect(resources).toMatchSnapshot();
  expect(services).toMatchObject({ orders: { port: 9702 }, barista: { port: 9703 } });
});

test("the tour goes to services of the shop", () => {
  const named = coffeeShop.tour.flatMap(({ command }) =>
    [...command.matchAll(/\{([\w-]+)\}/g)].map(([, name]) => name),
  );
  expect(named.length).toBeGreaterThan(0);
  expect(Object.keys(coffeeShop.services)).toEqual(expect.arrayContaining(named));
});

test("every name in use is declared", () => {
  const named = [
    ...subscriptions.flatMap(({ queue, undelivered }) => [queue, undelivered]),
    ...Object.values(mappings).map(({ onFailure }) => onFailure),
    ...Object.values(queues).flatMap(({ deadLetter }) => (deadLetter ? [deadLetter.queue] : [])),
  ];
  expect(Object.keys(queues)).toEqual(expect.arrayContaining(named));
  const publishing = [...subscriptions.map(({ topic }) => topic), ...Object.values(mappings).map((m) => m.publishesTo)];
  expect(Object.keys(topics)).toEqual(expect.arrayContaining(publishing));
  for (const { table, parked } of Object.values(mappings)) {
    expect(tables[table]?.stream).toBe("NEW_IMAGE");
    if (parked !== undefined) expect(tables[parked]).not.toHaveProperty("ttl");
  }
  const inboxes = subscriptions.flatMap(({ handledBy }) => (handledBy ? [handledBy.inbox] : []));
  expect(Object.keys(tables)).toEqual(expect.arrayContaining(inboxes));
});

test("each outbox has a relay, without which its events would never be published", () => {
  const streamed = Object.entries(tables).flatMap(([name, { stream }]) => (stream ? [name] : []));
  expect(
    Object.values(mappings)
      .map(({ table }) => table)
      .sort(),
  ).toEqual(streamed.sort());
});

test("large data outlives every message that may refer to it", () => {
  const inboxDays = 30;
  for (const { expireAfterDays } of Object.values(buckets)) expect(expireAfterDays).toBeGreaterThan(inboxDays);
});

describe("the rules of AWS hold", () => {
  test("FIFO is in the name, and a FIFO queue's dead letters are in a FIFO queue", () => {
    for (const [name, { fifo, deadLetter }] of Object.entries(queues)) {
      expect([name, name.endsWith(".fifo")]).toEqual([name, fifo]);
      if (deadLetter) expect(queues[deadLetter.queue]?.fifo).toBe(fifo);
    }
    expect(Object.keys(topics).filter((name) => !name.endsWith(".fifo"))).toEqual([]);
  });

  test("names are as long as services allow, under the longest SHOP", () => {
    const shop = "x".repeat(32);
    for (const name of Object.keys(queues)) expect(physicalName(shop, name)).toMatch(/^[\w-]{1,75}(\.fifo)?$/);
    for (const name of Object.keys(buckets)) expect(physicalName(shop, name)).toMatch(/^[a-z0-9-]{3,63}$/);
    for (const name of Object.keys(tables)) expect(physicalName(shop, name)).toMatch(/^[\w.-]{3,255}$/);
    for (const { indexes = {} } of Object.values(tables)) {
      for (const name of Object.keys(indexes)) expect(name).toMatch(/^[\w.-]{3,255}$/);
    }
  });

  test("settings are within their ranges", () => {
    for (const { retentionSeconds = 60, visibilityTimeoutSeconds = 0 } of Object.values(queues)) {
      expect(retentionSeconds >= 60 && retentionSeconds <= 14 * 24 * 3600).toBe(true);
      expect(visibilityTimeoutSeconds <= 12 * 3600).toBe(true);
    }
    for (const mapping of Object.values(mappings)) {
      expect(mapping.batchSize).toBeLessThanOrEqual(10_000);
      // A stream keeps its records for 24 hours: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html
      expect(mapping.maximumRecordAgeSeconds).toBeLessThan(24 * 3600);
    }
  });
});
