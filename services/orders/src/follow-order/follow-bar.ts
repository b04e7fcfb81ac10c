import { BrewFinished, BrewStarted, CancelRefused, TicketVoided } from "@doubleshot/contracts";
import { type EventDefinition, ignore, on, type Subscription } from "@doubleshot/messaging";
import type { Announcer } from "../announcer.ts";
import { brewing, type Changed, cancelRefused, complete, type Order, type Unchanged, voided } from "../order/order.ts";
import { aggregateOf, type OrderStore } from "../order/order-store.ts";
import type { OrdersMetrics } from "../orders-metrics.ts";

export interface FollowBarOptions {
  readonly store: OrderStore;
  readonly announcer: Announcer;
  readonly metrics: Pick<OrdersMetrics, "became">;
}

/** The order goes the way the bar's news say: brewing, completed, cancelled, or not cancelled after all. */
export function followBar(options: FollowBarOptions): Subscription[] {
  return [
    follow(BrewStarted, brewing, options),
    follow(BrewFinished, complete, options),
    follow(TicketVoided, voided, options),
    follow(CancelRefused, cancelRefused, options),
  ];
}

/**
 * What the news make of the order is committed, and then whoever waits for it is woken: after the commit, because a
 * caller must never be told of what may not come to pass; and again for a message that was handled before, because the
 * process that handled it may have died before it could wake anybody.
 */
function follow<Type extends string, Data extends { readonly orderId: string }>(
  definition: EventDefinition<Type, Data>,
  decide: (order: Order, data: Data) => Changed | Unchanged,
  { store, announcer, metrics }: FollowBarOptions,
): Subscription {
  return on(definition, async (message) => {
    const order = await store.get(message.data.orderId);
    if (order === undefined) return ignore("there is no such order");
    const decision = decide(order, message.data);
    if (decision.outcome === "unchanged") {
      announcer.announce(order);
      return ignore(decision.reason);
    }
    const result = await message.commit({
      aggregate: aggregateOf(order),
      save: store.save(decision.order),
      events: decision.events,
    });
    const after = { ...decision.order, version: order.version + 1 };
    if (result.outcome === "committed") {
      if (after.status !== order.status) metrics.became(after.status);
      announcer.announce(after);
    } else {
      // Handled by another process since we loaded the order, so what we decided is not what is in the table.
      announcer.announceUnread(after);
    }
    return result;
  });
}
