import { expect, test } from "vitest";
import { listOrders } from "./list-orders.ts";
import type { Order, OrderStatus } from "./order.ts";
import { type OrderStore, placeOf } from "./order-store.ts";

const now = new Date("2026-03-01T08:30:00.000Z");

/** An order placed so many days ago. */
const order = (daysAgo: number, status: OrderStatus = "PLACED"): Order => ({
  id: `order-of-${daysAgo}-days-ago`,
  version: 1,
  status,
  items: [{ sku: "americano", quantity: 1 }],
  placedAt: new Date(now.getTime() - daysAgo * 24 * 60 * 60 * 1_000).toISOString(),
});

/** The store's index and table, by its own rules. */
function storeOf(orders: readonly Order[]) {
  const looks: string[] = [];
  const store: Pick<OrderStore, "listed" | "getMany"> = {
    listed: async (day, { before, limit }) => {
      looks.push(day);
      return orders
        .map((each) => ({ id: each.id, place: placeOf(each) }))
        .filter(({ place }) => place.startsWith(day) && place < before)
        .sort((one, other) => (one.place < other.place ? 1 : -1))
        .slice(0, limit);
    },
    getMany: async (ids) => orders.filter(({ id }) => ids.includes(id)),
  };
  return { store: store as OrderStore, looks };
}

/** Days ago of all that is listed, page by page. */
async function listed(orders: readonly Order[], query: { limit?: number; status?: OrderStatus } = {}) {
  const { store, looks } = storeOf(orders);
  const pages: string[][] = [];
  for (let before: string | undefined; ; ) {
    const page = await listOrders(store, { limit: 2, now, ...query, ...(before === undefined ? {} : { before }) });
    pages.push(page.orders.map(({ id }) => id.split("-")[2] ?? ""));
    if (page.next === undefined) return { pages, looks };
    before = page.next;
  }
}

test("days follow each other, the latest first, also when there are days without orders between them", async () => {
  const { pages } = await listed([0, 1, 2, 5, 6, 9].map((day) => order(day)));
  expect(pages.slice(0, 3)).toEqual([
    ["0", "1"],
    ["2", "5"],
    ["6", "9"],
  ]);
  expect(pages.slice(3).flat()).toEqual([]);
});

test("the list ends after 31 days", async () => {
  const { pages, looks } = await listed([order(30), order(31)]);
  expect(pages.flat()).toEqual(["30"]);
  expect(new Set(looks).size).toBe(31);
});

test("a page reads a bounded number of days, and the next one continues", async () => {
  expect((await listed([order(11)])).pages[0]).toEqual(["11"]);
  expect((await listed([order(12)])).pages.slice(0, 2)).toEqual([[], ["12"]]);
});

test("only orders in the status are listed, and the others cost no page", async () => {
  const { pages } = await listed([order(0), order(1, "COMPLETED"), order(2), order(3, "COMPLETED")], {
    status: "COMPLETED",
  });
  expect(pages[0]).toEqual(["1", "3"]);
});
