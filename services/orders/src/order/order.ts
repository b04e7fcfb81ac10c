import { type BrewResult, OrderCancelled, type OrderItem, OrderPlaced } from "@doubleshot/contracts";

/**
 * An order, from the counter's side. Its states:
 * - PLACED      the commit that makes the order also publishes it to the bar
 * - BREWING     a barista has started it
 * - CANCELLING  the customer cancelled it while it was PLACED; the bar's verdict makes it CANCELLED or BREWING
 * - COMPLETED   a barista has finished it, also when it was CANCELLING. Final.
 * - CANCELLED   the bar has voided its ticket. Final.
 *
 * Events may skip a state (finished without a start seen) and never lead back. A final order stays as it is. Every
 * function here decides and does no I/O: load before, commit after.
 */
export interface Order {
  readonly id: string;
  /** How often the order has been committed; 0 before the first commit. The optimistic lock. */
  readonly version: number;
  readonly status: OrderStatus;
  readonly items: readonly OrderItem[];
  readonly name?: string;
  readonly customerId?: string;
  readonly orderTotal?: number;
  /** The instance where the order was placed: it gets a hint when the order is final. */
  readonly replyTo?: string;
  /** The instances where callers follow the order: they get a hint whenever it changes. */
  readonly watchers?: readonly string[];
  /** The caller's address, while the order is open: it counts among this caller's open orders. */
  readonly openFor?: string;
  /** Instants in UTC with milliseconds (`2026-01-31T08:30:00.000Z`). */
  readonly placedAt: string;
  readonly startedAt?: string;
  readonly completedAt?: string;
  /** When the customer asked to cancel it, whatever the verdict. */
  readonly cancelAskedAt?: string;
  readonly cancelledAt?: string;
  /** The barista's result: any JSON value. */
  readonly result?: BrewResult;
}

export const orderStatuses = ["PLACED", "BREWING", "COMPLETED", "CANCELLING", "CANCELLED"] as const;

export type OrderStatus = (typeof orderStatuses)[number];

/** The customer's part of an order. */
export type OrderRequest = Pick<Order, "items" | "name" | "customerId" | "orderTotal">;

/** The order to commit, at the version that was loaded, together with its events. */
export interface Changed {
  readonly outcome: "changed";
  readonly state: Order;
  readonly events: readonly (ReturnType<typeof OrderPlaced> | ReturnType<typeof OrderCancelled>)[];
}

/** The event came too late, or again. */
export interface Unchanged {
  readonly outcome: "unchanged";
  readonly reason: string;
}

const finalStatuses: ReadonlySet<OrderStatus> = new Set(["COMPLETED", "CANCELLED"]);

/** True when nothing more will happen to the order, so that callers that wait for it can be answered. */
export const isFinal = (order: Order): boolean => finalStatuses.has(order.status);

/** A caller's n-th open order takes turn n at the bar, so that one caller's many orders never come before another's first. */
export function place(
  request: OrderRequest,
  { turn, ...made }: Pick<Order, "id" | "placedAt" | "replyTo" | "openFor"> & { turn: number },
): Changed {
  const order: Order = { ...request, ...made, version: 0, status: "PLACED" };
  const { id: orderId, items, placedAt } = order;
  const name = order.name === undefined ? {} : { name: order.name };
  return {
    outcome: "changed",
    state: order,
    events: [OrderPlaced({ orderId, items: [...items], ...name, turn, placedAt })],
  };
}

/** A barista has started. The event comes again when a lease lapsed and another barista took over: the first start stays. */
export function brewing(order: Order, { startedAt }: { startedAt: string }): Changed | Unchanged {
  switch (order.status) {
    case "PLACED":
      return changed({ ...order, status: "BREWING", startedAt });
    case "CANCELLING":
      // The verdict comes in the next event.
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

/** The customer cancels the order; the bar decides whether that was in time. `too-late`: a barista is known to have it. */
export function cancel(
  order: Order,
  { cancelledAt }: { cancelledAt: string },
): Changed | Unchanged | { readonly outcome: "too-late" } {
  switch (order.status) {
    case "PLACED":
      return changed({ ...order, status: "CANCELLING", cancelAskedAt: cancelledAt }, [
        OrderCancelled({ orderId: order.id, cancelledAt }),
      ]);
    case "CANCELLING":
    case "CANCELLED":
      return unchanged(order);
    default:
      return { outcome: "too-late" };
  }
}

/** The bar's verdict: no barista will brew it. */
export function voided(order: Order, { voidedAt }: { voidedAt: string }): Changed | Unchanged {
  if (isFinal(order)) return unchanged(order);
  return changed({ ...closed(order), status: "CANCELLED", cancelledAt: voidedAt });
}

/** The bar's verdict: a barista was quicker. */
export function cancelRefused(order: Order): Changed | Unchanged {
  return order.status === "CANCELLING" ? changed({ ...order, status: "BREWING" }) : unchanged(order);
}

/** The instances that get hints of changes. The oldest gives way: it has most likely gone, and its sweep finds the changes. */
const maxWatchers = 10;

/** A caller at this instance follows the order: the instance gets hints of changes from now on. */
export function watched(
  order: Order,
  instanceId: string,
): (Omit<Changed, "outcome"> & { outcome: "watched" }) | Unchanged {
  const watchers = order.watchers ?? [];
  if (isFinal(order) || watchers.includes(instanceId)) return unchanged(order);
  const state = { ...order, watchers: [...watchers, instanceId].slice(-maxWatchers) };
  return { outcome: "watched", state, events: [] };
}

/** The instances that get a hint of the order's latest change: those that follow it, and at its end the one that waits for that. */
export function instancesOf(order: Order): readonly string[] {
  const { replyTo, watchers = [] } = order;
  return replyTo !== undefined && isFinal(order) ? [...watchers, replyTo] : watchers;
}

/** Leaves out the attributes of open orders. */
function closed(order: Order): Order {
  const { openFor: _, ...rest } = order;
  return rest;
}

const changed = (state: Order, events: Changed["events"] = []): Changed => ({ outcome: "changed", state, events });

const unchanged = ({ status }: Order): Unchanged => ({
  outcome: "unchanged",
  reason: `the order is ${status} already`,
});
