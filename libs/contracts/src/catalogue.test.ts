import { expect, test } from "vitest";
import {
  BrewFinished,
  BrewStarted,
  CancelConfirmed,
  CancelRefused,
  CreditRefused,
  CreditReserved,
  OrderCancelled,
  OrderCompleted,
  OrderCreated,
  OrderPlaced,
  TicketVoided,
} from "./index.ts";

const orderId = "0190a1b2-0000-7000-8000-000000000001";
const customerId = "0190a1b2-0000-7000-8000-000000000002";
const placedAt = "2026-01-31T08:00:00.000Z";
const placed = { orderId, items: [{ sku: "americano", quantity: 1 }], turn: 1, placedAt };

test.each([
  [OrderPlaced, "OrderPlaced"],
  [BrewStarted, "BrewStarted"],
  [BrewFinished, "BrewFinished"],
  [OrderCancelled, "OrderCancelled"],
  [TicketVoided, "TicketVoided"],
  [CancelRefused, "CancelRefused"],
  [OrderCreated, "OrderCreated"],
  [OrderCompleted, "OrderCompleted"],
  [CancelConfirmed, "CancelConfirmed"],
  [CreditReserved, "CreditReserved"],
  [CreditRefused, "CreditRefused"],
])("%# is the first version of %s", (event, type) => {
  expect(event.type).toBe(type);
  expect(event.version).toBe(1);
});

test.each([
  [OrderPlaced, placed],
  [OrderPlaced, { ...placed, name: "Zoë ☕\u0000\n" }],
  [OrderPlaced, { ...placed, name: "" }],
  [BrewStarted, { orderId, startedAt: placedAt }],
  [BrewFinished, { orderId, finishedAt: placedAt }],
  [OrderCancelled, { orderId, cancelledAt: placedAt }],
  [TicketVoided, { orderId, voidedAt: placedAt }],
  [CancelRefused, { orderId, refusedAt: placedAt }],
  [OrderCreated, { orderId, customerId, total: Number.MAX_SAFE_INTEGER, createdAt: placedAt }],
  [OrderCompleted, { orderId, customerId, completedAt: placedAt }],
  [CancelConfirmed, { orderId, customerId, confirmedAt: placedAt }],
  [CreditReserved, { orderId, customerId, amount: 1, reservedAt: placedAt }],
  [CreditRefused, { orderId, customerId, reason: "CUSTOMER_NOT_FOUND", refusedAt: placedAt }],
  [BrewFinished, { orderId, finishedAt: placedAt, result: null }],
  [BrewFinished, { orderId, finishedAt: placedAt, result: { notes: ["nutty", 7, { "": 1e300 }] } }],
])("%# reads back what was written", async (event, data) => {
  expect(await event.read(data, 1)).toEqual(data);
});

test("an unknown field, as a newer publisher may add, is ignored", async () => {
  expect(await OrderPlaced.read({ ...placed, loyalty: "gold" }, 1)).toEqual(placed);
});

test.each([
  ["an id in upper case, which would be another key", { ...placed, orderId: orderId.toUpperCase() }],
  ["a time whose text does not sort", { ...placed, placedAt: "2026-01-31T08:00:00Z" }],
  ["a time in another zone", { ...placed, placedAt: "2026-01-31T08:00:00.000+01:00" }],
  ["nothing ordered", { ...placed, items: [] }],
  ["half a coffee", { ...placed, items: [{ sku: "americano", quantity: 0.5 }] }],
  ["turn zero", { ...placed, turn: 0 }],
  ["a turn beyond the digits of the line's keys", { ...placed, turn: 2 ** 31 }],
])("an order with %s is refused", async (_, data) => {
  await expect(OrderPlaced(data).validate()).rejects.toThrow("OrderPlaced");
});

test.each([0, -1, 0.5, 2 ** 53, "100"])("an order on account with the total %j is refused", async (total) => {
  const created = { orderId, customerId, total: total as number, createdAt: placedAt };
  await expect(OrderCreated(created).validate()).rejects.toThrow("OrderCreated");
});
