import { canonicalOrderId, orderId } from "@doubleshot/contracts";
import { type Api, addProblemMembers } from "@doubleshot/service-kit";
import type { Response } from "express";
import { z } from "zod";

/** What does not look like one need not be looked for. */
export const isOrderId = (id: string): boolean => orderId.safeParse(id).success;

export const orderPath = (orderId: string): string => `/orders/${orderId}`;

/** For the document: members of each problem that concerns an order. A person with curl sees no headers. */
export const orderMembers = {
  order_id: z.uuid().describe("The order that the problem concerns, if it concerns one."),
  order_url: z.string().describe("Where that order is, relative to this service."),
};

/** From here on, each problem of this request says which order it concerns. */
export function concernsOrder(response: Response, orderId: string): void {
  addProblemMembers(response, { order_id: orderId, order_url: orderPath(orderId) });
}

/** Makes each route with `{id}` in its path concern that order, before its body is read. */
export function concernsOrderInPath({ router }: Api): void {
  router.param("id", (_request, response, next, text: string) => {
    const orderId = canonicalOrderId(text);
    if (isOrderId(orderId)) concernsOrder(response, orderId);
    next();
  });
}
