import {
  type BrewResult,
  CancelConfirmed,
  OrderCancelled,
  OrderCompleted,
  OrderCreated,
  OrderPlaced,
} from "@doubleshot/contracts";
import {
  type Changed,
  type CreditRefusal,
  changed,
  closed,
  isFinal,
  isOnAccount,
  type Order,
  type OrderRequest,
  type Unchanged,
  unchanged,
} from "./order-state.ts";

export {
  type Changed,
  type CreditRefusal,
  isFinal,
  type Order,
  type OrderRequest,
  type OrderStatus,
  orderedAt,
  orderStatuses,
  type Unchanged,
} from "./order-state.ts";

/** The facts of a new order beside its request: id, time, instance, caller and turn. */
type Made = Pick<Order, "id" | "replyTo" | "openFor"> & { readonly at: string; readonly turn: number };

/**
 * Places the order of a guest, or asks for credit for one on account. A caller's n-th open order takes turn n at the bar, so
 * that one caller's many orders never come before another's first.
 */
export function place(request: OrderRequest, { at, turn, ...made }: Made): Changed {
  const order: Order = { ...request, ...made, version: 0, status: "PENDING" };
  const pending: Order = { ...order, turn, createdAt: at };
  if (!isOnAccount(pending)) return placed(order, { turn, placedAt: at });
  const { id: orderId, customerId, total, createdAt } = pending;
  return changed(pending, [OrderCreated({ orderId, customerId, total, createdAt })]);
}

/** Customers have set the total aside: the order goes to the bar, unless its customer has cancelled it meanwhile. */
export function creditReserved(order: Order, { reservedAt }: { reservedAt: string }): Changed | Unchanged {
  if (order.status !== "PENDING") return unchanged(order);
  if (order.cancelAskedAt !== undefined) return cancelled(order, reservedAt);
  const { turn = 1, ...rest } = order;
  return placed(rest, { turn, placedAt: reservedAt });
}

/** Customers give no credit. An order that its customer has cancelled meanwhile is cancelled, and owes nothing. */
export function creditRefused(
  order: Order,
  { refusedAt, reason }: { refusedAt: string; reason: CreditRefusal },
): Changed | Unchanged {
  if (order.status !== "PENDING") return unchanged(order);
  if (order.cancelAskedAt !== undefined)
    return changed({ ...closed(order), status: "CANCELLED", cancelledAt: refusedAt });
  return changed({ ...closed(order), status: "REJECTED", rejectedAt: refusedAt, rejection: reason });
}

function placed(order: Order, { turn, placedAt }: { turn: number; placedAt: string }): Changed {
  const { id: orderId, items } = order;
  const name = order.name === undefined ? {} : { name: order.name };
  return changed({ ...order, status: "PLACED", placedAt }, [
    OrderPlaced({ orderId, items: [...items], ...name, turn, placedAt }),
  ]);
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
  const completed: Order = { ...closed(order), status: "COMPLETED", completedAt: finishedAt, ...handedOver };
  if (!isOnAccount(order)) return changed(completed);
  const { id: orderId, customerId } = order;
  return changed(completed, [OrderCompleted({ orderId, customerId, completedAt: finishedAt })]);
}

/**
 * The customer cancels the order. The bar decides whether that was in time; a PENDING order remembers it until credit has
 * answered. `too-late`: a barista is known to have it, or it was rejected.
 */
export function cancel(
  order: Order,
  { cancelledAt }: { cancelledAt: string },
): Changed | Unchanged | { readonly outcome: "too-late" } {
  switch (order.status) {
    case "PENDING":
      return order.cancelAskedAt === undefined ? changed({ ...order, cancelAskedAt: cancelledAt }) : unchanged(order);
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
  return isFinal(order) ? unchanged(order) : cancelled(order, voidedAt);
}

/** The order ends without a coffee. The credit of an order on account is free again. */
function cancelled(order: Order, cancelledAt: string): Changed {
  const ended: Order = { ...closed(order), status: "CANCELLED", cancelledAt };
  if (!isOnAccount(order)) return changed(ended);
  const { id: orderId, customerId } = order;
  return changed(ended, [CancelConfirmed({ orderId, customerId, confirmedAt: cancelledAt })]);
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
