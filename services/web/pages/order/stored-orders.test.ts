import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Order } from "./order-api.ts";
import {
  askedAgain,
  isFresh,
  isRepeatable,
  keepPending,
  oldestPending,
  orderToResume,
  readPastOrders,
  recordNotShown,
  rememberOrder,
  replacePending,
  settlePending,
} from "./stored-orders.ts";

const order = (id: string): Order => ({ id, status: "PLACED", items: [{ sku: "latte", quantity: 1 }] });

const pending = (key: string, sentAtMs = 1) => ({
  key,
  sentAtMs,
  firstSentAtMs: 1,
  request: { items: [{ sku: "latte", quantity: 1 }] },
});

/** The order under the names that it is stored by. */
const stored = (key: string) => ({ key, at: 1, firstSentAtMs: 1, request: pending(key).request });

let storage: Map<string, string>;
beforeEach(() => {
  storage = new Map();
  vi.stubGlobal("localStorage", {
    getItem: (key: string) => storage.get(key) ?? null,
    setItem: (key: string, value: string) => void storage.set(key, value),
  });
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

test("orders of two tabs wait side by side, and each is settled by its key", () => {
  keepPending(pending("one"));
  keepPending({ ...pending("other"), customerId: "ada" });
  expect(oldestPending()).toEqual(pending("one"));
  settlePending("one");
  expect(oldestPending()).toEqual({ ...pending("other"), customerId: "ada" });
  settlePending("other");
  expect(oldestPending()).toBeUndefined();
});

test("an order that is sent again under its key replaces the one of before", () => {
  keepPending(pending("one"));
  keepPending(pending("one", 2));
  expect(oldestPending()).toEqual(pending("one", 2));
  settlePending("one");
  expect(oldestPending()).toBeUndefined();
});

test("the one order that an earlier version of the page kept is pending", () => {
  storage.set("doubleshot.pending", JSON.stringify({ ...stored("one"), firstSentAtMs: undefined }));
  keepPending(pending("other"));
  expect(oldestPending()).toEqual(pending("one"));
});

test("tabs of an earlier version of the page find pending and past orders under the names of before", () => {
  keepPending(pending("one"));
  rememberOrder(order("1"));
  recordNotShown("1", 403);
  const read = (key: string) => JSON.parse(storage.get(key) ?? "null");
  expect(read("doubleshot.pending")).toEqual([stored("one")]);
  expect(read("doubleshot.orders")).toEqual([{ ...order("1"), isClosed: true }]);
  expect(readPastOrders()).toEqual([{ ...order("1"), isHidden: true }]);
});

test.each([[null], {}, [{ ...stored("one"), request: { items: [null] } }], { ...stored("one"), customerId: 7 }, 7])(
  "a stored value that is no order is none: %j",
  (value) => {
    storage.set("doubleshot.pending", JSON.stringify(value));
    expect(oldestPending()).toBeUndefined();
  },
);

test("a stored first time that is no number makes no order", () => {
  storage.set("doubleshot.pending", JSON.stringify({ ...stored("one"), firstSentAtMs: "1" }));
  expect(oldestPending()).toBeUndefined();
});

test.each([
  [0, true],
  [4.9, true],
  [5, false],
  [120, false],
  [-1, false],
])("an order of %d minutes ago is sent without a question: %s", (minutes, expected) => {
  vi.spyOn(Date, "now").mockReturnValue(1_800_000_000_000);
  expect(isFresh(pending("one", Date.now() - minutes * 60_000))).toBe(expected);
});

/** A page that was loaded again, with an order that was sent first at 0 h and for the last time at 22 h. */
function orderOf22Hours() {
  const now = vi.spyOn(Date, "now");
  const atHour = (hours: number) => now.mockReturnValue(1_800_000_000_000 + hours * 3_600_000);
  atHour(0);
  keepPending({ ...pending("one", Date.now()), firstSentAtMs: Date.now() });
  atHour(22);
  const again = askedAgain(reloaded());
  if (again) keepPending(again);
  return { atHour, again };
}

function reloaded() {
  const found = oldestPending();
  if (found === undefined) throw new Error("No order is pending.");
  return found;
}

test.each([
  [22.9, true],
  [23, false],
  [48, false],
  [-1, false],
])("an order that was first sent %d hours ago is sent again under its key: %s", (hours, expected) => {
  const { atHour, again } = orderOf22Hours();
  expect(again?.key).toBe("one");
  atHour(hours);
  expect(isRepeatable(reloaded())).toBe(expected);
  expect(askedAgain(reloaded())?.key).toBe(expected ? "one" : undefined);
});

test("an order whose key the shop may have forgotten gives way to a new order under a new key", () => {
  const { atHour } = orderOf22Hours();
  atHour(30);
  const renewed = replacePending({ ...reloaded(), customerId: "ada" });
  expect(oldestPending()).toBeUndefined();
  expect(renewed).toMatchObject({ request: pending("one").request, customerId: "ada" });
  expect(renewed.key).not.toBe("one");
  expect([isFresh(renewed), isRepeatable(renewed)]).toEqual([true, true]);
});

test("the latest open order is resumed", () => {
  rememberOrder(order("1"));
  rememberOrder(order("2"));
  expect(orderToResume()?.id).toBe("2");
  rememberOrder({ ...order("2"), status: "COMPLETED" });
  expect(orderToResume()).toBeUndefined();
});

test("an order that the shop does not know any more leaves the list, and is not resumed", () => {
  rememberOrder(order("1"));
  recordNotShown("1", 404);
  expect(readPastOrders()).toEqual([]);
  expect(orderToResume()).toBeUndefined();
});

test.each([401, 403])(
  "an order that the shop does not show (%i) stays on the list, and is not resumed until it is shown",
  (status) => {
    rememberOrder(order("1"));
    recordNotShown("1", status);
    expect(readPastOrders()).toMatchObject([{ id: "1" }]);
    expect(orderToResume()).toBeUndefined();
    rememberOrder(order("1"));
    expect(orderToResume()?.id).toBe("1");
  },
);
