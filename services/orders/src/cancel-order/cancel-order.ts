import type { Hints } from "@doubleshot/waiting";
import { cancel, type Order, watched } from "../order/order.ts";
import type { OrderAggregates } from "../order/order-aggregates.ts";

export interface CancelOrderOptions {
  readonly orders: Pick<OrderAggregates, "change">;
  readonly hints: Pick<Hints, "instanceId">;
}

export type Cancelled =
  /** The bar decides, or has decided that the order is cancelled. */
  | { readonly outcome: "cancelling" | "cancelled"; readonly order: Order }
  | { readonly outcome: "too-late"; readonly order: Order }
  | { readonly outcome: "unknown" };

/** Cancels an order that no barista has started; the bar's verdict decides that. Safe to repeat. */
export class CancelOrder {
  readonly #options: CancelOrderOptions;

  constructor(options: CancelOrderOptions) {
    this.#options = options;
  }

  /** @throws ConcurrencyConflictError, CommitOutcomeUnknownError and the errors of an outage: repeat the request. */
  async cancel(orderId: string): Promise<Cancelled> {
    const { orders, hints } = this.#options;
    const { decision, state: order } = await orders.change(orderId, (order) => {
      const decision = cancel(order, { cancelledAt: new Date().toISOString() });
      return decision.outcome === "changed"
        ? { ...decision, state: watchedFrom(hints.instanceId, decision.state) }
        : decision;
    });
    if (order === undefined) return { outcome: "unknown" };
    if (decision.outcome === "too-late") return { outcome: "too-late", order };
    return { outcome: order.status === "CANCELLED" ? "cancelled" : "cancelling", order };
  }
}

/** The caller may wait here for the verdict. */
function watchedFrom(instanceId: string | undefined, order: Order): Order {
  const decision = instanceId === undefined ? undefined : watched(order, instanceId);
  return decision?.outcome === "watched" ? decision.state : order;
}
