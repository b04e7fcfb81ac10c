import { canonicalOrderId, orderId } from "@doubleshot/contracts";
import { RequestSubject } from "@doubleshot/service-kit";
import { z } from "zod";

/** A text that does not have the form of an id is not looked up. */
export const isOrderId = (id: string): boolean => orderId.safeParse(id).success;

export const orderPath = (orderId: string): string => `/orders/${orderId}`;

/** For the document: members of each problem that concerns an order. A person with curl does not see the headers. */
export const orderMembers = {
  order_id: z.uuid().describe("The order that the problem concerns, if it concerns one."),
  order_url: z.string().describe("Where that order is, relative to this service."),
  order_status: z.string().describe("The status of that order, if it is the reason."),
  order: z.looseObject({}).describe("That order as `GET /orders/{id}` shows it, if its status is the reason."),
};

/** The order that a request concerns: the one in its path, or the one that it has placed. */
export const orderSubject = new RequestSubject({
  id: z.uuid().overwrite(canonicalOrderId),
  members: (id) => ({ order_id: id, order_url: orderPath(id) }),
});
