import { CreditRefused, CreditReserved } from "@doubleshot/contracts";
import type { Subscription } from "@doubleshot/messaging";
import { creditRefused, creditReserved } from "../order/order.ts";
import type { Orders } from "../order/order-aggregates.ts";
import { handleEvent } from "./order-event-handler.ts";

/** Places an order on account when its credit is reserved, or rejects it. */
export function handleCreditEvents(orders: Pick<Orders, "handle">): Subscription[] {
  return [
    handleEvent(orders, CreditReserved, creditReserved, "PENDING"),
    handleEvent(orders, CreditRefused, creditRefused, "PENDING"),
  ];
}
