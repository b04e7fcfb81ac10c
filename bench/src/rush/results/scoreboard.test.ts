import { expect, test } from "vitest";
import type { Answer } from "../call.ts";
import type { Customer, Visit } from "../customer.ts";
import { isPerfect, Scoreboard } from "./scoreboard.ts";

const customer = (name: string): Customer => ({
  name,
  items: [{ sku: "americano", quantity: 1 }],
  key: name,
  counter: "http://127.0.0.1:1",
  address: undefined,
});
const [ada, bob] = [customer("Ada"), customer("Bob")];

const answer = (status: number, body: unknown): Answer => ({ status, headers: {}, body });
const coffee = (id: string, { name, items }: Pick<Customer, "name" | "items">) =>
  answer(200, { id, name, items, status: "COMPLETED" });
const visit = (who: Customer, what: Answer | undefined): Visit => ({
  customer: who,
  answer: what,
  retries: 0,
  waitMs: 1_000,
  answeredAt: performance.now(),
});

/** The result of a rush of Ada and Bob in which the bar took these orders. */
function rush(
  visits: Visit[],
  taken: [string, string][] = [
    ["1", "Ada"],
    ["2", "Bob"],
  ],
) {
  const scoreboard = new Scoreboard([ada, bob]);
  for (const [orderId, name] of taken) scoreboard.taken({ orderId, name });
  for (const each of visits) scoreboard.left(each);
  return scoreboard.result();
}

test("a rush in which every customer got their own order is perfect", () => {
  const result = rush([visit(ada, coffee("1", ada)), visit(bob, coffee("2", bob))]);
  expect(result).toMatchObject({ customers: 2, served: 2, errors: [], duplicates: 0, crossed: 0 });
  expect(isPerfect(result)).toBe(true);
});

test.each([
  [
    "an error answer",
    [visit(ada, coffee("1", ada)), visit(bob, answer(500, {}))],
    { served: 1, errors: ["Bob got 500 {}"] },
  ],
  ["no answer", [visit(ada, coffee("1", ada)), visit(bob, undefined)], { served: 1, errors: ["Bob got no answer"] }],
  ["a customer who never left", [visit(ada, coffee("1", ada))], { served: 1 }],
  ["somebody else's name", [visit(ada, coffee("1", ada)), visit(bob, coffee("2", ada))], { served: 1, crossed: 1 }],
  [
    "other items",
    [visit(ada, coffee("1", ada)), visit(bob, coffee("2", { name: "Bob", items: [{ sku: "tea", quantity: 1 }] }))],
    { served: 1, crossed: 1 },
  ],
  [
    "an order that is not completed",
    [visit(ada, coffee("1", ada)), visit(bob, answer(200, { id: "2", ...bob, status: "BREWING" }))],
    { served: 1, crossed: 1 },
  ],
  ["one order for two", [visit(ada, coffee("1", ada)), visit(bob, coffee("1", bob))], { served: 0, duplicates: 1 }],
])("%s is not perfect", (_, visits, expected) => {
  const result = rush(visits);
  expect(result).toMatchObject(expected);
  expect(isPerfect(result)).toBe(false);
});

test("a customer with two orders at the bar is a duplicate; a ticket that was claimed twice is not", () => {
  const visits = [visit(ada, coffee("1", ada)), visit(bob, coffee("2", bob))];
  expect(
    rush(visits, [
      ["1", "Ada"],
      ["1", "Ada"],
      ["2", "Bob"],
    ]).duplicates,
  ).toBe(0);
  expect(
    rush(visits, [
      ["1", "Ada"],
      ["3", "Ada"],
      ["2", "Bob"],
    ]).duplicates,
  ).toBe(1);
});

test("a refused barista is an error, and orders from outside the rush do not count", () => {
  const scoreboard = new Scoreboard([ada]);
  scoreboard.taken({ orderId: "9", name: "Zoe" });
  scoreboard.finished({ orderId: "9", name: "Zoe" });
  scoreboard.trouble({ kind: "refused", error: new Error("A claim was answered with 404.") });
  scoreboard.trouble({ kind: "bar", error: new Error("connect ECONNREFUSED") });
  expect(scoreboard.progress).toEqual({ taken: 0, brewed: 0, served: 0, errors: 1 });
  expect(scoreboard.result().errors).toEqual(["a barista: Error: A claim was answered with 404."]);
});
