import { CreditRefused, CreditReserved } from "@doubleshot/contracts";
import type { Subscription } from "@doubleshot/messaging";
import { creditRefused, creditReserved } from "../order/order.ts";
import type { OrderAggregates } from "../order/order-aggregates.ts";
import { orderEventHandler } from "./order-event-handler.ts";

/** Places an order on account when its credit is reserved, or rejects it. */
export function handleCreditEvents(orders: Pick<OrderAggregates, "handle">): Subscription[] {
  return [
    orderEventHandler(orders, CreditReserved, creditReserved, "PENDING"),
    orderEventHandler(orders, CreditRefused, creditRefused, "PENDING"),
  ];
}
