import type { Order, OrderStatus } from "./order.ts";
import { type OrderStore, placeOf } from "./order-store.ts";

export interface ListQuery {
  /** Only orders in this status. */
  readonly status?: OrderStatus;
  readonly limit: number;
  /** Only orders placed before this place. */
  readonly before?: string;
  readonly now: Date;
}

export interface OrderPage {
  readonly orders: readonly Order[];
  /** Go on from here; undefined at the end of the list. */
  readonly next?: string;
}

/** How far back the list goes. Without a bound, a page of a shop that was closed for years would look through them all. */
const listedDays = 31;
/** What a page may cost: so many looks into the index, each of one day, and the orders found by them. */
const looksPerPage = 12;
/** To find those in the status asked for, more have to be read than are shown. */
const ordersPerLook = 100;

/**
 * Orders, newest first, of the last 31 days. One page reads so much and no more: when few orders are in the status
 * asked for, or the shop was closed for a while, it holds fewer than asked for, or none, and `next` goes on all the same.
 */
export async function listOrders(store: OrderStore, query: ListQuery): Promise<OrderPage> {
  const { status, limit, now } = query;
  const oldest = dayOf(daysBefore(now, listedDays - 1));
  const orders: Order[] = [];
  let before = query.before ?? endOf(now);
  for (let look = 0; look < looksPerPage; look++) {
    const day = before.slice(0, 10);
    if (day < oldest) return { orders };
    const places = await store.listed(day, { before, limit: status === undefined ? limit : ordersPerLook });
    orders.push(...(await inPlace(store, places)).filter((order) => (status ?? order.status) === order.status));
    const last = orders[limit - 1];
    if (last !== undefined) return { orders: orders.slice(0, limit), next: placeOf(last) };
    before = places.at(-1)?.place ?? endOf(daysBefore(new Date(day), 1));
  }
  return { orders, next: before };
}

async function inPlace(store: OrderStore, places: readonly { id: string }[]): Promise<Order[]> {
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
