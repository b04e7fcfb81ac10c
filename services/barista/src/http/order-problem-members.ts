import { addProblemMembers } from "@doubleshot/service-kit";
import type { Response } from "express";
import { z } from "zod";
import { orderIdInput } from "./bar-problems.ts";

/** For the document: the member of each problem that concerns an order. The bar has no URL for one order. */
export const orderMembers = {
  order_id: z.uuid().describe("The order that the problem concerns, if it concerns one."),
};

/** From here on, each problem of this request says which order it concerns; nothing happens for a text that is no id. */
export function concernsOrder(response: Response, text: unknown): void {
  const { data: orderId } = orderIdInput.safeParse(text);
  if (orderId !== undefined) addProblemMembers(response, { order_id: orderId });
}
