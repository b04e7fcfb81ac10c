import { storedValue } from "../shared/stored-value.ts";
import { isFinal, type Order, type OrderRequest } from "./order.ts";

/** An order that was sent, and whose answer has not come. After a reload the page sends it again under the same key. */
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

/** The shop knows a key for 24 hours. Nobody waits for a coffee that long: an older order is not sent by itself. */
const maxPendingMs = 2 * 60 * 60 * 1_000;

/** Whether the order is too old to be sent. The device's clock may have been set meanwhile. */
export function isStale({ at }: PendingOrder): boolean {
  const ageMs = Date.now() - at;
  return ageMs < 0 || ageMs > maxPendingMs;
}

export const pendingOrder = storedValue<PendingOrder | undefined>(
  () => localStorage,
  "doubleshot.pending",
  asPending,
  undefined,
);
export const pastOrders = storedValue<readonly PastOrder[]>(() => localStorage, "doubleshot.orders", asPast, []);

/** Forgets the order with this key. Another tab may have sent one of its own since. */
export function settlePending(key: string): void {
  if (pendingOrder.read()?.key === key) pendingOrder.write(undefined);
}

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

function asPending(json: unknown): PendingOrder | undefined {
  const { key, request, at, customerId } = Object(json) as Partial<PendingOrder>;
  if (typeof key !== "string" || typeof at !== "number" || !Array.isArray(request?.items)) return undefined;
  return { key, request, at, ...(typeof customerId === "string" && { customerId }) };
}

function asPast(json: unknown): readonly PastOrder[] | undefined {
  const isPast = (past: Partial<PastOrder>) => typeof past?.id === "string" && Array.isArray(past.items);
  return Array.isArray(json) ? json.filter(isPast) : undefined;
}
