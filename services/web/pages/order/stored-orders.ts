import type { Item } from "../shared/order-words.ts";
import { newKey } from "../shared/shop-api.ts";
import { storedValue } from "../shared/stored-value.ts";
import { isFinal, type Order, type OrderRequest } from "./order-api.ts";

/**
 * An order that the customer placed and the shop has not confirmed; it may never have been sent. The page sends it again under
 * the same key, also after a reload.
 */
export interface PendingOrder {
  readonly key: string;
  readonly request: OrderRequest;
  /** The account that was signed in when the customer placed it. A guest has none. */
  readonly customerId?: string;
  /** When the customer last asked for it, in epoch milliseconds of the device's clock. */
  readonly sentAtMs: number;
  /** When the customer asked for it under this key for the first time. */
  readonly firstSentAtMs: number;
}

export interface PastOrder extends Pick<Order, "id" | "status" | "items" | "placed_at"> {
  /** The shop did not show it to this page the last time: it belongs to another account, or nobody is signed in. */
  readonly isHidden?: true;
}

/** Stored orders keep the names of earlier versions of the page, which may still run in other tabs. */
type StoredPending = Omit<PendingOrder, "sentAtMs" | "firstSentAtMs"> & {
  readonly at: number;
  /** Earlier versions of the page kept no first time. */
  readonly firstSentAtMs?: number;
};
type StoredPast = Omit<PastOrder, "isHidden"> & { readonly isClosed?: true };

const maxPast = 20;

/** After a longer time the customer may have ordered at the bar, or be far away. */
const maxFreshMs = 5 * 60 * 1_000;

/** The shop knows a key for 24 hours. The last hour is for attempts that take long, and for clocks. */
const maxRepeatMs = 23 * 60 * 60 * 1_000;

/** Whether the page may send the order without a question. */
export function isFresh({ sentAtMs }: PendingOrder): boolean {
  return isWithin(maxFreshMs, sentAtMs);
}

/** Whether the order, sent again under its key, is placed once. Later, it may become a second order. */
export function isRepeatable({ firstSentAtMs }: PendingOrder): boolean {
  return isWithin(maxRepeatMs, firstSentAtMs);
}

/** The device's clock may have been set meanwhile: nobody knows the age of an order from the future. */
function isWithin(maxMs: number, sinceMs: number): boolean {
  const ageMs = Date.now() - sinceMs;
  return ageMs >= 0 && ageMs < maxMs;
}

/** Of all tabs, the oldest first. */
const pendingOrders = storedValue<readonly StoredPending[]>(() => localStorage, "doubleshot.pending", asPending, []);
const pastOrders = storedValue<readonly StoredPast[]>(() => localStorage, "doubleshot.orders", asPast, []);

/** The order that was (re)sent longest ago. */
export function oldestPending(): PendingOrder | undefined {
  const [oldest] = pendingOrders.read();
  if (oldest === undefined) return undefined;
  const { at: sentAtMs, firstSentAtMs = sentAtMs, ...order } = oldest;
  return { ...order, sentAtMs, firstSentAtMs };
}

/** Keeps the order until it is settled. Returns whether the browser keeps it. */
export function keepPending({ sentAtMs, ...order }: PendingOrder): boolean {
  return pendingOrders.write([...pendingExcept(order.key), { ...order, at: sentAtMs }]);
}

/** The order as the customer asks for it once more. Undefined if it may become a second order. */
export function askedAgain(order: PendingOrder): PendingOrder | undefined {
  return isRepeatable(order) ? { ...order, sentAtMs: Date.now() } : undefined;
}

/** Forgets the order, and returns a new one of the same items for the same customer. */
export function replacePending(order: PendingOrder): PendingOrder {
  settlePending(order.key);
  const now = Date.now();
  return { ...order, key: newKey(), sentAtMs: now, firstSentAtMs: now };
}

/** Forgets the order with this key, and none of other tabs. */
export function settlePending(key: string): void {
  pendingOrders.write(pendingExcept(key));
}

const pendingExcept = (key: string) => pendingOrders.read().filter((order) => order.key !== key);

/** The orders of this device, the one that was shown last first. */
export function readPastOrders(): readonly PastOrder[] {
  return pastOrders.read().map(({ isClosed, ...past }) => ({ ...past, ...(isClosed && { isHidden: isClosed }) }));
}

export function clearPastOrders(): void {
  pastOrders.write([]);
}

/** Records that the shop does not show the order. One that is gone leaves the list. */
export function recordNotShown(id: string, status: number): void {
  const past = pastOrders.read();
  if (status === 404) pastOrders.write(past.filter((order) => order.id !== id));
  if (status === 401 || status === 403) {
    pastOrders.write(past.map((order) => (order.id === id ? { ...order, isClosed: true } : order)));
  }
}

/** The order that a customer who opens the page goes on with: the one that was shown last, if it is open and the shop shows it. */
export function orderToResume(): PastOrder | undefined {
  const [latest] = readPastOrders();
  return latest === undefined || latest.isHidden || isFinal(latest) ? undefined : latest;
}

/** Puts the order, as it is now, first on the list. Returns whether the browser keeps it. */
export function rememberOrder({ id, status, items, placed_at }: Order): boolean {
  const others = pastOrders.read().filter((past) => past.id !== id);
  const past: StoredPast = { id, status, items, ...(placed_at !== undefined && { placed_at }) };
  return pastOrders.write([past, ...others].slice(0, maxPast));
}

/** Earlier versions of the page kept one order, without a list. */
function asPending(json: unknown): readonly StoredPending[] {
  return [json].flat().filter(isPending);
}

function isPending(json: unknown): json is StoredPending {
  const { key, request, at, firstSentAtMs = at, customerId = "" } = Object(json) as Partial<StoredPending>;
  const areTimes = typeof at === "number" && typeof firstSentAtMs === "number";
  return areTimes && typeof key === "string" && typeof customerId === "string" && areItems(request?.items);
}

function areItems(json: unknown): json is readonly Item[] {
  const isItem = (item: Partial<Item> | null) => typeof item?.sku === "string" && typeof item.quantity === "number";
  return Array.isArray(json) && json.every(isItem);
}

function asPast(json: unknown): readonly StoredPast[] | undefined {
  const isPast = (past: Partial<StoredPast> | null) => typeof past?.id === "string" && areItems(past.items);
  return Array.isArray(json) ? json.filter(isPast) : undefined;
}
