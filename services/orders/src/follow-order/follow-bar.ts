import { BrewFinished, BrewStarted, CancelRefused, TicketVoided } from "@doubleshot/contracts";
import type { Subscription } from "@doubleshot/messaging";
import { brewing, cancelRefused, complete, voided } from "../order/order.ts";
import type { Orders } from "../order/orders.ts";
import { follow } from "./follow.ts";

/** Changes the order as the bar's events say: brewing, completed, cancelled, or not cancelled after all. */
export function followBar(orders: Pick<Orders, "handle">): Subscription[] {
  return [
    follow(orders, BrewStarted, brewing, "PLACED"),
    follow(orders, BrewFinished, complete, "BREWING"),
    follow(orders, TicketVoided, voided, "CANCELLING"),
    follow(orders, CancelRefused, cancelRefused, "CANCELLING"),
  ];
}
