import { BrewFinished, BrewStarted, CancelRefused, TicketVoided } from "@doubleshot/contracts";
import { type EventDefinition, on, type Subscription } from "@doubleshot/messaging";
import {
  brewing,
  type Changed,
  cancelRefused,
  complete,
  type Order,
  type OrderStatus,
  type Unchanged,
  voided,
} from "../order/order.ts";
import type { Orders } from "../order/orders.ts";

/** Changes the order as the bar's events say: brewing, completed, cancelled, or not cancelled after all. */
export function followBar(orders: Pick<Orders, "handle">): Subscription[] {
  return [
    follow(orders, BrewStarted, brewing, "PLACED"),
    follow(orders, BrewFinished, complete, "BREWING"),
    follow(orders, TicketVoided, voided, "CANCELLING"),
    follow(orders, CancelRefused, cancelRefused, "CANCELLING"),
  ];
}

/** An order that this process committed in the status that the event usually meets is not read again. */
function follow<Type extends string, Data extends { readonly orderId: string }>(
  orders: Pick<Orders, "handle">,
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
