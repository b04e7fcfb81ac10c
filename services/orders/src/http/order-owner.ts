import { identityOf, requireOwner } from "@doubleshot/service-kit";
import type { Request } from "express";
import type { OrderStore } from "../order/order-store.ts";
import { isOrderId } from "./order-problem-members.ts";

/**
 * Lets the request pass if the order is the caller's own: on its account, or of a guest. An unknown order passes, for the
 * handler to answer. The order is read only for a caller that may not see all: without authentication this costs nothing.
 *
 * @throws ProblemError 401 for a guest, 403 for another customer
 */
export async function requireOwnOrder(request: Request, orderId: string, store: OrderStore): Promise<void> {
  if (identityOf(request).reach === "all" || !isOrderId(orderId)) return;
  requireOwner(request, (await store.get(orderId))?.customerId);
}
