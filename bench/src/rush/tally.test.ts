import { expect, test } from "vitest";
import type { Answer } from "./call.ts";
import type { Customer, Visit } from "./customer.ts";
import { isPerfect, Tally } from "./tally.ts";

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
  wait: 1_000,
  answeredAt: performance.now(),
});

/** A rush of Ada and Bob in which the bar took these orders. */
function rush(
  visits: Visit[],
  taken: [string, string][] = [
    ["1", "Ada"],
    ["2", "Bob"],
  ],
) {
  const tally = new Tally([ada, bob]);
  for (const [orderId, name] of taken) tally.taken({ orderId, name });
  for (const each of visits) tally.left(each);
  return tally.result();
}

test("everybody got their own: perfect", () => {
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

test("a customer for whom the bar saw two orders is a duplicate; a ticket that came back is not", () => {
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

test("a barista who is refused is an error, other people's orders are none of ours", () => {
  const tally = new Tally([ada]);
  tally.taken({ orderId: "9", name: "Zoe" });
  tally.finished({ orderId: "9", name: "Zoe" });
  tally.trouble({ kind: "refused", error: new Error("A claim was answered with 404.") });
  tally.trouble({ kind: "bar", error: new Error("connect ECONNREFUSED") });
  expect(tally.progress).toEqual({ taken: 0, brewed: 0, served: 0, errors: 1 });
  expect(tally.result().errors).toEqual(["a barista: Error: A claim was answered with 404."]);
});
