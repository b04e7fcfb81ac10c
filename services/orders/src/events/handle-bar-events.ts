import { BrewFinished, BrewStarted, CancelRefused, TicketVoided } from "@doubleshot/contracts";
import type { Subscription } from "@doubleshot/messaging";
import { brewing, cancelRefused, complete, voided } from "../order/order.ts";
import type { Orders } from "../order/order-aggregates.ts";
import { handleEvent } from "./order-event-handler.ts";

/** Changes the order as the bar's events say: brewing, completed, cancelled, or not cancelled after all. */
export function handleBarEvents(orders: Pick<Orders, "handle">): Subscription[] {
  return [
    handleEvent(orders, BrewStarted, brewing, "PLACED"),
    handleEvent(orders, BrewFinished, complete, "BREWING"),
    handleEvent(orders, TicketVoided, voided, "CANCELLING"),
    handleEvent(orders, CancelRefused, cancelRefused, "CANCELLING"),
  ];
}
