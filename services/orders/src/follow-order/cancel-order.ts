import { type Outbox, retryConflicts } from "@doubleshot/messaging";
import type { Hints } from "@doubleshot/waiting";
import { cancel, type Order, watched } from "../order/order.ts";
import { aggregateOf, type OrderStore } from "../order/order-store.ts";

export interface CancelOrderOptions {
  readonly outbox: Outbox;
  readonly store: OrderStore;
  readonly hints: Hints;
  /** Told of each order whose cancelling begins. */
  readonly onCancelling: (order: Order) => void;
}

export type Cancelled =
  /** The bar decides, or has decided that it is. */
  | { readonly outcome: "cancelling" | "cancelled"; readonly order: Order }
  | { readonly outcome: "too late"; readonly order: Order }
  | { readonly outcome: "unknown order" };

/** Takes an order back for its customer, if nobody has begun to brew it: the bar's verdict says so. Safe to repeat. */
export class CancelOrder {
  readonly #options: CancelOrderOptions;

  constructor(options: CancelOrderOptions) {
    this.#options = options;
  }

  /** @throws ConcurrencyConflict, CommitOutcomeUnknown and what an outage throws: ask again. */
  async cancel(orderId: string): Promise<Cancelled> {
    const { outbox, store, hints, onCancelling } = this.#options;
    return retryConflicts(
      () => store.get(orderId),
      (order) => order && { order, decision: cancel(order, { cancelledAt: new Date().toISOString() }) },
      async (decided): Promise<Cancelled> => {
        if (decided === undefined) return { outcome: "unknown order" };
        const { order, decision } = decided;
        if (decision.outcome === "too late") return { outcome: "too late", order };
        if (decision.outcome === "unchanged") {
          return { outcome: order.status === "CANCELLED" ? "cancelled" : "cancelling", order };
        }
        const asked = toldHere(decision.order, hints.address);
        await outbox.commit({ aggregate: aggregateOf(asked), save: store.save(asked), events: decision.events });
        const cancelling = { ...asked, version: asked.version + 1 };
        onCancelling(cancelling);
        return { outcome: "cancelling", order: cancelling };
      },
    );
  }
}

/** Whoever cancels may wait for the verdict here. */
function toldHere(order: Order, address: string | undefined): Order {
  const entered = address === undefined ? undefined : watched(order, address);
  return entered?.outcome === "changed" ? entered.order : order;
}
