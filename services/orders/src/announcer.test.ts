import { createLogger } from "@doubleshot/service-kit";
import type { Hint, Hints } from "@doubleshot/waiting";
import { expect, test } from "vitest";
import { Announcer } from "./announcer.ts";
import { Completions } from "./completions.ts";
import type { Order } from "./order/order.ts";
import type { OrderStore } from "./order/order-store.ts";

const order: Order = {
  id: "ada",
  version: 2,
  status: "COMPLETED",
  items: [{ sku: "americano", quantity: 1 }],
  placedAt: "2026-01-31T08:00:00.000Z",
};
const brewing = { ...order, status: "BREWING" } as const;

/** Whom the instance at "here" tells of the order. */
function toldOf(changed: Order): string[] {
  const told: [string, Hint][] = [];
  const hints = { address: "here", send: (address: string, hint: Hint) => void told.push([address, hint]) };
  const completions = new Completions({
    store: {} as OrderStore,
    log: createLogger("orders", "silent"),
    sweep: false,
  });
  new Announcer(completions, hints as unknown as Hints).announce(changed);
  for (const [, hint] of told) expect(hint).toEqual({ id: "ada", version: 2 });
  return told.map(([address]) => address);
}

test("the instance where the customer waits is told of the end, and of nothing before", () => {
  expect(toldOf({ ...order, replyTo: "there" })).toEqual(["there"]);
  expect(toldOf({ ...brewing, replyTo: "there" })).toEqual([]);
});

test("instances where somebody follows the order are told of every change, each once", () => {
  expect(toldOf({ ...brewing, watchers: ["there", "elsewhere"] })).toEqual(["there", "elsewhere"]);
  expect(toldOf({ ...order, replyTo: "there", watchers: ["there", "elsewhere"] })).toEqual(["there", "elsewhere"]);
});

test("nobody sends a hint to themselves", () => {
  expect(toldOf({ ...order, replyTo: "here", watchers: ["here", "there"] })).toEqual(["there"]);
});
