import { type BrewResult, OrderCancelled, type OrderItem, OrderPlaced } from "@doubleshot/contracts";

/**
 * An order, from the counter's side.
 *
 * It begins PLACED, in the same commit that tells the bar. BREWING follows when a barista has started it, COMPLETED when
 * it is finished. A customer may take back what is PLACED: it is CANCELLING until the bar's verdict makes it CANCELLED,
 * or BREWING because a barista was quicker; a barista who is quicker still makes it COMPLETED. COMPLETED and CANCELLED
 * are final: news that comes later changes nothing. News may skip a state (finished without a start seen), never go
 * back. Every function here decides and does no I/O: load before, commit after.
 */
export interface Order {
  readonly id: string;
  /** How often the order has been committed; 0 before the first time. The optimistic lock. */
  readonly version: number;
  readonly status: OrderStatus;
  readonly items: readonly OrderItem[];
  readonly name?: string;
  readonly customerId?: string;
  readonly orderTotal?: number;
  /** The orders instance whose caller waits: where a hint goes when the order is final. */
  readonly replyTo?: string;
  /** Other instances where somebody follows the order: where a hint goes whenever it changes. */
  readonly watchers?: readonly string[];
  /** Among whose open orders it counts, while it is open: the caller's address. */
  readonly openFor?: string;
  /** Instants in UTC with milliseconds (`2026-01-31T08:30:00.000Z`). */
  readonly placedAt: string;
  readonly startedAt?: string;
  readonly completedAt?: string;
  /** When the customer asked for it to be cancelled, whatever the verdict. */
  readonly cancelAskedAt?: string;
  readonly cancelledAt?: string;
  /** What the barista handed over with it: any JSON value. */
  readonly result?: BrewResult;
}

export const orderStatuses = ["PLACED", "BREWING", "COMPLETED", "CANCELLING", "CANCELLED"] as const;

export type OrderStatus = (typeof orderStatuses)[number];

/** What a customer asks for. */
export type OrderRequest = Pick<Order, "items" | "name" | "customerId" | "orderTotal">;

/** The order as it is to be committed, together with its news, at the version that was loaded. */
export interface Changed {
  readonly outcome: "changed";
  readonly order: Order;
  readonly events: readonly (ReturnType<typeof OrderPlaced> | ReturnType<typeof OrderCancelled>)[];
}

/** The news came too late, or again. */
export interface Unchanged {
  readonly outcome: "unchanged";
  readonly reason: string;
}

const finalStatuses: ReadonlySet<OrderStatus> = new Set(["COMPLETED", "CANCELLED"]);

/** True when nothing more will happen to the order: whoever waits for it can be answered. */
export const isFinal = (order: Order): boolean => finalStatuses.has(order.status);

/** An address's n-th open order takes turn n at the bar, so that nobody's many orders come before everybody's first. */
export function place(
  request: OrderRequest,
  { turn, ...made }: Pick<Order, "id" | "placedAt" | "replyTo" | "openFor"> & { turn: number },
): Changed {
  const order: Order = { ...request, ...made, version: 0, status: "PLACED" };
  const { id: orderId, items, placedAt } = order;
  const name = order.name === undefined ? {} : { name: order.name };
  return {
    outcome: "changed",
    order,
    events: [OrderPlaced({ orderId, items: [...items], ...name, turn, placedAt })],
  };
}

/** A barista has started. Told again when a lease lapsed and another barista took over: the first start stays. */
export function brewing(order: Order, { startedAt }: { startedAt: string }): Changed | Unchanged {
  switch (order.status) {
    case "PLACED":
      return changed({ ...order, status: "BREWING", startedAt });
    case "CANCELLING":
      // The verdict comes next.
      return order.startedAt === undefined ? changed({ ...order, startedAt }) : unchanged(order);
    default:
      return unchanged(order);
  }
}

/** The coffee is done. */
export function complete(
  order: Order,
  { finishedAt, result }: { finishedAt: string; result?: BrewResult },
): Changed | Unchanged {
  if (isFinal(order)) return unchanged(order);
  const handedOver = result === undefined ? {} : { result };
  return changed({ ...closed(order), status: "COMPLETED", completedAt: finishedAt, ...handedOver });
}

/** The customer takes the order back, if nobody brews it: the bar decides that. `too late`: as far as we know, somebody does. */
export function cancel(
  order: Order,
  { cancelledAt }: { cancelledAt: string },
): Changed | Unchanged | { readonly outcome: "too late" } {
  switch (order.status) {
    case "PLACED":
      return changed({ ...order, status: "CANCELLING", cancelAskedAt: cancelledAt }, [
        OrderCancelled({ orderId: order.id, cancelledAt }),
      ]);
    case "CANCELLING":
    case "CANCELLED":
      return unchanged(order);
    default:
      return { outcome: "too late" };
  }
}

/** The bar's verdict: nobody will brew it. */
export function voided(order: Order, { voidedAt }: { voidedAt: string }): Changed | Unchanged {
  if (isFinal(order)) return unchanged(order);
  return changed({ ...closed(order), status: "CANCELLED", cancelledAt: voidedAt });
}

/** The bar's verdict: a barista was quicker. */
export function cancelRefused(order: Order): Changed | Unchanged {
  return order.status === "CANCELLING" ? changed({ ...order, status: "BREWING" }) : unchanged(order);
}

/** Instances that are told of changes. The oldest gives way: it has most likely gone, and the sweep stands in for it. */
const mostWatchers = 10;

/** Somebody at this instance follows the order: it is told of changes from now on. */
export function watched(order: Order, address: string): Changed | Unchanged {
  const watchers = order.watchers ?? [];
  if (isFinal(order) || watchers.includes(address)) return unchanged(order);
  return changed({ ...order, watchers: [...watchers, address].slice(-mostWatchers) });
}

/** Without what is of use only as long as it is open. */
function closed(order: Order): Order {
  const { openFor: _, ...rest } = order;
  return rest;
}

const changed = (order: Order, events: Changed["events"] = []): Changed => ({ outcome: "changed", order, events });

const unchanged = ({ status }: Order): Unchanged => ({
  outcome: "unchanged",
  reason: `the order is ${status} already`,
});
