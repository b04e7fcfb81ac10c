import { expect, test } from "vitest";
import { coffeeShop } from "./coffee-shop.ts";
import { operatorRights } from "./operator-rights.ts";

const arns = {
  table: (name: string) => `table ${name}`,
  queue: (name: string) => `queue ${name}`,
  topic: (name: string) => `topic ${name}`,
};
const rights = operatorRights(Object.values(coffeeShop.services), arns);

/** Resources on which the operator has the right. */
const resourcesOf = (action: string) =>
  rights.filter(({ actions }) => actions.includes(action)).flatMap(({ resources }) => [...resources]);

test("an operator reads the way of events and the traced aggregates, and no secrets or keys", () => {
  expect(resourcesOf("dynamodb:GetItem").sort()).toEqual(
    [
      ...["orders", "barista", "customers-reservations"],
      ...["orders", "barista", "customers"].flatMap((name) => [`${name}-outbox`, `${name}-inbox`, `${name}-parked`]),
    ]
      .map(arns.table)
      .sort(),
  );
});

test("an operator writes to parked tables and inboxes alone", () => {
  const written = ["dynamodb:PutItem", "dynamodb:DeleteItem", "dynamodb:UpdateItem"].flatMap(resourcesOf);
  expect(written.filter((table) => !/-(parked|inbox)$/.test(table))).toEqual([]);
});

test("an operator takes letters from dead-letter queues, sends them back, and publishes parked events", () => {
  expect(resourcesOf("sqs:DeleteMessage").every((queue) => /-(dead|undelivered)\.fifo$/.test(queue))).toBe(true);
  expect(resourcesOf("sqs:SendMessage")).toContain("queue barista-subscriber.fifo");
  expect(resourcesOf("sns:Publish")).toEqual(
    ["orders", "barista", "customers"].map((name) => `topic ${name}-events.fifo`),
  );
});

test("the web service alone is an operator", () => {
  expect(Object.values(coffeeShop.services).flatMap(({ name, operates }) => (operates ? [name] : []))).toEqual(["web"]);
});
