import { canonicalOrderId } from "@doubleshot/contracts";
import { callerOf, goneSignal } from "@doubleshot/service-kit";
import type { Response } from "express";
import { z } from "zod";
import type { Admission } from "../admission.ts";
import type { Watch, WatchOrder } from "../follow-order/watch-order.ts";
import type { Order } from "../order/order.ts";
import { isOrderId } from "./order-problem-members.ts";
import { noRoomToWait, noSuchOrder, refusal } from "./order-problems.ts";
import { limitProblems } from "./rate-limit-fields.ts";

/** What all routes to one order have in common. */
export const orderParams = z.object({
  id: z.string().overwrite(canonicalOrderId).describe("As `POST /orders` gave it."),
});
export const locationHeader = { Location: "Where the order is." };
export const waitingProblems = {
  404: "There is no such order.",
  429: "Too many requests wait for this order. The addresses with the most of them give way first.",
  503: limitProblems[503],
};

/** One order is at `/orders/{id}`, and at `/order/{id}` for those who know the counter alone. */
export const pathsOfOneOrder = (id: string, action = "") => [
  { id, path: `/orders/{id}${action}` },
  { id: `${id}AtTheCounter`, path: `/order/{id}${action}` },
];

export interface WaitingParts {
  readonly watchOrder: WatchOrder;
  readonly admission: Admission;
}

/** The order once it is as asked, or as it is when time is up. @throws Problem 404, 429, 503 */
export async function orderWithin(
  { watchOrder, admission }: WaitingParts,
  watch: Omit<Watch, "gone"> & { readonly timeoutMs: number },
  response: Response,
): Promise<Order> {
  if (!isOrderId(watch.orderId)) throw noSuchOrder();
  const watched = await watchOrder.watch({
    ...watch,
    gone: goneSignal(response),
    by: { caller: callerOf(response.req).id },
  });
  switch (watched.outcome) {
    case "reached":
    case "timed-out":
      return watched.order;
    case "unknown":
      throw noSuchOrder();
    case "given-up":
      if (watched.reason === "full") throw noRoomToWait(admission.full(), watch.orderId);
      throw refusal({ ...watched, orderId: watch.orderId });
  }
}
