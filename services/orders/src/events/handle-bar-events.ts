import { BrewFinished, BrewStarted, CancelRefused, TicketVoided } from "@doubleshot/contracts";
import type { Subscription } from "@doubleshot/messaging";
import { brewing, cancelRefused, complete, voided } from "../order/order.ts";
import type { OrderAggregates } from "../order/order-aggregates.ts";
import { orderEventHandler } from "./order-event-handler.ts";

/** Applies the bar's events to the order: brewing, completed, cancelled, or cancellation refused. */
export function handleBarEvents(orders: Pick<OrderAggregates, "handle">): Subscription[] {
  return [
    orderEventHandler(orders, BrewStarted, brewing, "PLACED"),
    orderEventHandler(orders, BrewFinished, complete, "BREWING"),
    orderEventHandler(orders, TicketVoided, voided, "CANCELLING"),
    orderEventHandler(orders, CancelRefused, cancelRefused, "CANCELLING"),
  ];
}
