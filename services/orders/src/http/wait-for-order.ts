import { canonicalOrderId } from "@doubleshot/contracts";
import { callerOf, goneSignal } from "@doubleshot/service-kit";
import type { Response } from "express";
import { z } from "zod";
import type { Admission } from "../admission.ts";
import type { Order } from "../order/order.ts";
import type { OrderStore } from "../order/order-store.ts";
import type { Watch, WatchOrder } from "../watch-order/watch-order.ts";
import { isOrderId } from "./order-problem-members.ts";
import { noPlaceToWait, orderProblem, placeOrderProblems, unknownOrder } from "./order-problems.ts";

export const orderParams = z.object({
  id: z.string().overwrite(canonicalOrderId).describe("The id that `POST /orders` returned."),
});
export const locationHeader = { Location: "Where the order is." };
export const waitProblems = {
  404: "There is no such order.",
  429: "Too many requests wait for this order. The addresses with the most of them give way first.",
  503: placeOrderProblems[503],
};

/** One order is at `/orders/{id}`, and at `/order/{id}` for callers that know the counter alone. */
export const pathsOfOneOrder = (id: string, action = "") => [
  { id, path: `/orders/{id}${action}` },
  { id: `${id}AtTheCounter`, path: `/order/{id}${action}` },
];

export interface WaitParts {
  readonly watchOrder: WatchOrder;
  readonly admission: Admission;
  readonly store: OrderStore;
}

/** Returns the order once `until` holds, or as it is when the time is up. @throws ProblemError 404, 429, 503 */
export async function waitForOrder(
  { watchOrder, admission }: WaitParts,
  watch: Omit<Watch, "gone"> & { readonly timeoutMs: number },
  response: Response,
): Promise<Order> {
  if (!isOrderId(watch.orderId)) throw unknownOrder();
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
      throw unknownOrder();
    case "given-up":
      if (watched.reason === "full") throw noPlaceToWait(admission.full(), watch.orderId);
      throw orderProblem({ ...watched, orderId: watch.orderId });
  }
}
