import { CreditRefused, CreditReserved } from "@doubleshot/contracts";
import type { Subscription } from "@doubleshot/messaging";
import { creditRefused, creditReserved } from "../order/order.ts";
import type { Orders } from "../order/orders.ts";
import { follow } from "./follow.ts";

/** Places an order on account when its credit is reserved, or rejects it. */
export function followCredit(orders: Pick<Orders, "handle">): Subscription[] {
  return [
    follow(orders, CreditReserved, creditReserved, "PENDING"),
    follow(orders, CreditRefused, creditRefused, "PENDING"),
  ];
}
