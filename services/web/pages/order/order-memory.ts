import { kept } from "../shared/kept.ts";
import type { Order, OrderRequest } from "./order.ts";

/** An order that was sent, and whose answer has not come. After a reload the page sends it again under the same key. */
export interface Pending {
  readonly key: string;
  readonly request: OrderRequest;
}

export type Past = Pick<Order, "id" | "status" | "items" | "name" | "placed_at">;

const maxPast = 20;

export const pendingOrder = kept<Pending | undefined>(() => localStorage, "doubleshot.pending", asPending, undefined);
export const pastOrders = kept<readonly Past[]>(() => localStorage, "doubleshot.orders", asPast, []);

/** Puts the order, as it is now, first on the list. Returns whether the browser keeps it. */
export function rememberOrder({ id, status, items, name, placed_at }: Order): boolean {
  const others = pastOrders.read().filter((past) => past.id !== id);
  const past: Past = {
    id,
    status,
    items,
    ...(name !== undefined && { name }),
    ...(placed_at !== undefined && { placed_at }),
  };
  return pastOrders.write([past, ...others].slice(0, maxPast));
}

function asPending(json: unknown): Pending | undefined {
  const { key, request } = (json ?? {}) as Partial<Pending>;
  return typeof key === "string" && Array.isArray(request?.items) ? { key, request } : undefined;
}

function asPast(json: unknown): readonly Past[] | undefined {
  const isPast = (past: Partial<Past>) => typeof past?.id === "string" && Array.isArray(past.items);
  return Array.isArray(json) ? json.filter(isPast) : undefined;
}
