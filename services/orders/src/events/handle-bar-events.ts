import { BrewFinished, BrewStarted, CancelRefused, TicketVoided } from "@doubleshot/contracts";
import type { Subscription } from "@doubleshot/messaging";
import { brewing, cancelRefused, complete, voided } from "../order/order.ts";
import type { OrderAggregates } from "../order/order-aggregates.ts";
import { orderEventHandler } from "./order-event-handler.ts";

/** Changes the order as the bar's events say: brewing, completed, cancelled, or not cancelled after all. */
export function handleBarEvents(orders: Pick<OrderAggregates, "handle">): Subscription[] {
  return [
    orderEventHandler(orders, BrewStarted, brewing, "PLACED"),
    orderEventHandler(orders, BrewFinished, complete, "BREWING"),
    orderEventHandler(orders, TicketVoided, voided, "CANCELLING"),
    orderEventHandler(orders, CancelRefused, cancelRefused, "CANCELLING"),
  ];
}
