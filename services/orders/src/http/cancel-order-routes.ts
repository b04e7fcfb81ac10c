import { type Api, preferenceApplied, preferenceAppliedHeader } from "@doubleshot/service-kit";
import type { Response } from "express";
import { z } from "zod";
import type { CancelOrder } from "../cancel-order/cancel-order.ts";
import type { Order } from "../order/order.ts";
import { orderJson, toOrderJson } from "../order/order-json.ts";
import { requireOwnOrder } from "./order-owner.ts";
import { isOrderId, orderPath } from "./order-problem-members.ts";
import { tooLateProblem, unknownOrder } from "./order-problems.ts";
import { preferHeader, readWaitPreference } from "./place-order-input.ts";
import {
  locationHeader,
  orderParams,
  pathsOfOneOrder,
  type WaitParts,
  waitForOrder,
  waitProblems,
} from "./wait-for-order.ts";

export interface CancelOrderParts extends WaitParts {
  readonly cancelOrder: CancelOrder;
}

const cancelOrderOperation = {
  method: "post",
  summary: "Cancel an order",
  access: { guest: "own", customer: "own" },
  description:
    "Possible until a barista has started it; the bar decides. An order that waits for credit is cancelled when the answer " +
    "has come. `Prefer: wait=N` waits for the decision.",
  params: orderParams,
  headers: z.object({ prefer: preferHeader }),
  answers: {
    200: { description: "It is cancelled.", schema: orderJson, headers: preferenceAppliedHeader },
    202: {
      description: "It is not decided yet: see `Location`.",
      schema: orderJson,
      headers: { ...locationHeader, ...preferenceAppliedHeader },
    },
  },
  problems: {
    ...waitProblems,
    409: "Too late: a barista brews it or has finished it, or it was rejected. `order` shows it.",
  },
} as const;

export function addCancelOrderRoutes(api: Api, parts: CancelOrderParts): void {
  for (const path of pathsOfOneOrder("cancelOrder", "/cancel")) {
    api.handle({ ...cancelOrderOperation, ...path }, async ({ params, headers, request }, response) => {
      await requireOwnOrder(request, params.id, parts.store);
      const preference = readWaitPreference(headers.prefer);
      const order = await cancelAndWait(params.id, preference.waitMs ?? 0, parts, response);
      response.set(preferenceApplied(preference));
      if (isUndecided(order)) response.status(202).location(orderPath(order.id));
      else if (order.status !== "CANCELLED") throw tooLateProblem(order);
      response.json(toOrderJson(order));
    });
  }
}

/** Returns the order once the cancellation is decided, or undecided if that takes longer. */
async function cancelAndWait(
  id: string,
  timeoutMs: number,
  parts: CancelOrderParts,
  response: Response,
): Promise<Order> {
  const cancelled = isOrderId(id) ? await parts.cancelOrder.cancel(id) : undefined;
  if (cancelled === undefined || cancelled.outcome === "unknown") throw unknownOrder();
  if (cancelled.outcome !== "cancelling" || timeoutMs === 0) return cancelled.order;
  return waitForOrder(parts, { orderId: id, until: (order) => !isUndecided(order), timeoutMs }, response);
}

/** Neither the bar nor, before it, the customer's account has answered. */
const isUndecided = ({ status }: Order): boolean => status === "CANCELLING" || status === "PENDING";
