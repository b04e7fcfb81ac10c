import type { Order, OrderStatus } from "./order.ts";
import { type OrderStore, placeOf } from "./order-store.ts";

export interface ListQuery {
  /** Only orders in this status. */
  readonly status?: OrderStatus;
  /** Only orders on this account. */
  readonly customerId?: string;
  readonly limit: number;
  /** Only orders placed before this place. */
  readonly before?: string;
  readonly now: Date;
}

export interface OrderPage {
  readonly orders: readonly Order[];
  /** Continues the list, as `before`; undefined at its end. */
  readonly next?: string;
}

/** How far back the list goes. Without a bound, a page after years without orders would query each day of them. */
const listedDays = 31;
/** The cost of a page: at most so many queries of the index, each of one day, and a read of the orders that they find. */
const maxQueriesPerPage = 12;
/** A page of one status or account reads more orders than it shows. */
const ordersPerQuery = 100;

/**
 * Lists the orders of the last 31 days, the newest first. The cost of a page is bounded: if few orders match, or
 * days are without orders, a page has fewer orders than `limit`, or none, and `next` still continues the list.
 */
export async function listOrders(store: OrderStore, list: ListQuery): Promise<OrderPage> {
  const { status, customerId, limit, now } = list;
  const isListed = (order: Order) =>
    (status ?? order.status) === order.status && (customerId ?? order.customerId) === order.customerId;
  const picks = status !== undefined || customerId !== undefined;
  const oldest = dayOf(daysBefore(now, listedDays - 1));
  const orders: Order[] = [];
  let before = list.before ?? endOf(now);
  for (let query = 0; query < maxQueriesPerPage; query++) {
    const day = before.slice(0, 10);
    if (day < oldest) return { orders };
    const places = await store.listed(day, { before, limit: picks ? ordersPerQuery : limit });
    orders.push(...(await readInOrder(store, places)).filter(isListed));
    const last = orders[limit - 1];
    if (last !== undefined) return { orders: orders.slice(0, limit), next: placeOf(last) };
    before = places.at(-1)?.place ?? endOf(daysBefore(new Date(day), 1));
  }
  return { orders, next: before };
}

async function readInOrder(store: OrderStore, places: readonly { id: string }[]): Promise<Order[]> {
  if (places.length === 0) return [];
  const orders = new Map((await store.getMany(places.map(({ id }) => id))).map((order) => [order.id, order]));
  return places.flatMap(({ id }) => orders.get(id) ?? []);
}

function daysBefore(date: Date, days: number): Date {
  return new Date(date.getTime() - days * 24 * 60 * 60 * 1_000);
}

const dayOf = (date: Date): string => date.toISOString().slice(0, 10);

/** "~" sorts after every place of the day. */
const endOf = (date: Date): string => `${dayOf(date)}T~`;
