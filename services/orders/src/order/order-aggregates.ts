import { Aggregates } from "@doubleshot/aggregates";
import type { Outbox } from "@doubleshot/messaging";
import type { Notifier } from "@doubleshot/waiting";
import type { OrdersMetrics } from "../orders-metrics.ts";
import { isFinal, type Order } from "./order.ts";
import type { OrderStore } from "./order-store.ts";

export interface OrderAggregatesParts {
  readonly outbox: Outbox;
  readonly store: OrderStore;
  readonly notifier: Notifier<Order>;
  readonly metrics: Pick<OrdersMetrics, "became">;
}

/** How orders are loaded, committed and notified. */
export class OrderAggregates extends Aggregates<Order> {
  constructor({ outbox, store, notifier, metrics }: OrderAggregatesParts) {
    super({
      outbox,
      store,
      nameOf: (id) => `order#${id}`,
      onCommitted: ({ outcome, state, before }) => {
        if (state.status !== before?.status) metrics.became(state.status);
        // A new watcher reads the order itself, and the others see no difference.
        if (outcome !== "watched") notifier.changed(state);
      },
      onRepeated: (order) => notifier.changedBefore(order),
      keeps: (order) => !isFinal(order),
    });
  }
}
