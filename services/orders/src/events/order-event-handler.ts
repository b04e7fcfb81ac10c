import { type EventDefinition, on, type Subscription } from "@doubleshot/messaging";
import type { Changed, Order, OrderStatus, Unchanged } from "../order/order.ts";
import type { OrderAggregates } from "../order/order-aggregates.ts";

/** An order that this process committed in the status that the event usually meets is not read again. */
export function orderEventHandler<Type extends string, Data extends { readonly orderId: string }>(
  orders: Pick<OrderAggregates, "handle">,
  definition: EventDefinition<Type, Data>,
  decide: (order: Order, data: Data) => Changed | Unchanged,
  usualStatus: OrderStatus,
): Subscription {
  return on(definition, (message) =>
    orders.handle(
      message,
      message.data.orderId,
      (order) =>
        order === undefined ? { outcome: "unknown", reason: "there is no such order" } : decide(order, message.data),
      (kept) => kept?.status === usualStatus,
    ),
  );
}
