import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Order } from "./order.ts";
import { noteRefusal, orderToResume, pastOrders, pendingOrder, rememberOrder, settlePending } from "./order-memory.ts";

const order = (id: string): Order => ({ id, status: "PLACED", items: [{ sku: "latte", quantity: 1 }] });

beforeEach(() => {
  const storage = new Map<string, string>();
  vi.stubGlobal("localStorage", {
    getItem: (key: string) => storage.get(key) ?? null,
    setItem: (key: string, value: string) => void storage.set(key, value),
  });
});

afterEach(() => vi.unstubAllGlobals());

test("a tab that is done with its order leaves the pending order of another tab", () => {
  const ofOther = { key: "other", request: { items: [] }, at: 1, customerId: "ada" };
  pendingOrder.write(ofOther);
  settlePending("mine");
  expect(pendingOrder.read()).toEqual(ofOther);
  settlePending("other");
  expect(pendingOrder.read()).toBeUndefined();
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
  noteRefusal("1", 404);
  expect(pastOrders.read()).toEqual([]);
  expect(orderToResume()).toBeUndefined();
});

test.each([401, 403])(
  "an order that the shop does not show (%i) stays on the list, and is not resumed until it is shown",
  (status) => {
    rememberOrder(order("1"));
    noteRefusal("1", status);
    expect(pastOrders.read()).toMatchObject([{ id: "1" }]);
    expect(orderToResume()).toBeUndefined();
    rememberOrder(order("1"));
    expect(orderToResume()?.id).toBe("1");
  },
);
