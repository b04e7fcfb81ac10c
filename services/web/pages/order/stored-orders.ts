import type { Item } from "../shared/order-words.ts";
import { storedValue } from "../shared/stored-value.ts";
import { isFinal, type Order, type OrderRequest } from "./order-api.ts";

/** An order that was sent, and whose answer has not come. The page sends it again under the same key, also after a reload. */
export interface PendingOrder {
  readonly key: string;
  readonly request: OrderRequest;
  /** The account that was signed in when the customer placed it. A guest has none. */
  readonly customerId?: string;
  /** When the customer placed it, in milliseconds of the device's clock. */
  readonly at: number;
}

export interface PastOrder extends Pick<Order, "id" | "status" | "items" | "placed_at"> {
  /** The shop did not show it to this page the last time: it belongs to another account, or nobody is signed in. */
  readonly isClosed?: true;
}

const maxPast = 20;

/** After a longer time the customer may have ordered at the bar, or be far away. */
const maxFreshMs = 5 * 60 * 1_000;

/** Whether the page may send the order without a question. The device's clock may have been set meanwhile. */
export function isFresh({ at }: PendingOrder): boolean {
  const ageMs = Date.now() - at;
  return ageMs >= 0 && ageMs < maxFreshMs;
}

/** Of all tabs, the oldest first. */
const pendingOrders = storedValue<readonly PendingOrder[]>(() => localStorage, "doubleshot.pending", asPending, []);
export const pastOrders = storedValue<readonly PastOrder[]>(() => localStorage, "doubleshot.orders", asPast, []);

/** The order that has waited longest for its answer. */
export function oldestPending(): PendingOrder | undefined {
  return pendingOrders.read()[0];
}

/** Keeps the order until it is settled. Returns whether the browser keeps it. */
export function keepPending(order: PendingOrder): boolean {
  return pendingOrders.write([...pendingBeside(order.key), order]);
}

/** Forgets the order with this key, and none of other tabs. */
export function settlePending(key: string): void {
  pendingOrders.write(pendingBeside(key));
}

const pendingBeside = (key: string) => pendingOrders.read().filter((order) => order.key !== key);

/** Notes that the shop does not show the order. One that is gone leaves the list. */
export function noteRefusal(id: string, status: number): void {
  const past = pastOrders.read();
  if (status === 404) pastOrders.write(past.filter((order) => order.id !== id));
  if (status === 401 || status === 403) {
    pastOrders.write(past.map((order) => (order.id === id ? { ...order, isClosed: true } : order)));
  }
}

/** The order that a customer who opens the page goes on with: the latest one, if it is open and the shop shows it. */
export function orderToResume(): PastOrder | undefined {
  const [latest] = pastOrders.read();
  return latest === undefined || latest.isClosed || isFinal(latest) ? undefined : latest;
}

/** Puts the order, as it is now, first on the list. Returns whether the browser keeps it. */
export function rememberOrder({ id, status, items, placed_at }: Order): boolean {
  const others = pastOrders.read().filter((past) => past.id !== id);
  const past: PastOrder = { id, status, items, ...(placed_at !== undefined && { placed_at }) };
  return pastOrders.write([past, ...others].slice(0, maxPast));
}

/** Earlier versions of the page kept one order, without a list. */
function asPending(json: unknown): readonly PendingOrder[] {
  return [json].flat().filter(isPending);
}

function isPending(json: unknown): json is PendingOrder {
  const { key, request, at, customerId = "" } = Object(json) as Partial<PendingOrder>;
  const hasFields = typeof key === "string" && typeof at === "number" && typeof customerId === "string";
  return hasFields && areItems(request?.items);
}

function areItems(json: unknown): json is readonly Item[] {
  const isItem = (item: Partial<Item> | null) => typeof item?.sku === "string" && typeof item.quantity === "number";
  return Array.isArray(json) && json.every(isItem);
}

function asPast(json: unknown): readonly PastOrder[] | undefined {
  const isPast = (past: Partial<PastOrder> | null) => typeof past?.id === "string" && areItems(past.items);
  return Array.isArray(json) ? json.filter(isPast) : undefined;
}
