import { type Api, ProblemError, preferenceApplied, preferenceAppliedHeader } from "@doubleshot/service-kit";
import type { Response } from "express";
import { z } from "zod";
import type { CancelOrder } from "../cancel-order/cancel-order.ts";
import type { Order } from "../order/order.ts";
import { orderJson, toOrderJson } from "../order/order-json.ts";
import { isOrderId, orderPath } from "./order-problem-members.ts";
import { unknownOrder } from "./order-problems.ts";
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
  description: "Possible until a barista has started it; the bar decides. `Prefer: wait=N` waits for its decision.",
  params: orderParams,
  headers: z.object({ prefer: preferHeader }),
  answers: {
    200: { description: "It is cancelled.", schema: orderJson, headers: preferenceAppliedHeader },
    202: {
      description: "The bar will decide: see `Location`.",
      schema: orderJson,
      headers: { ...locationHeader, ...preferenceAppliedHeader },
    },
  },
  problems: { ...waitProblems, 409: "Too late: a barista brews it, or has finished it." },
} as const;

export function addCancelOrderRoutes(api: Api, parts: CancelOrderParts): void {
  for (const path of pathsOfOneOrder("cancelOrder", "/cancel")) {
    api.handle({ ...cancelOrderOperation, ...path }, async ({ params, headers }, response) => {
      const preference = readWaitPreference(headers.prefer);
      const order = await cancelAndWait(params.id, preference.waitMs ?? 0, parts, response);
      response.set(preferenceApplied(preference));
      if (order.status === "CANCELLING") response.status(202).location(orderPath(order.id));
      else if (order.status !== "CANCELLED") throw tooLateProblem(order);
      response.json(toOrderJson(order));
    });
  }
}

/** Returns the order once the cancellation is decided, or as CANCELLING if that takes longer. */
async function cancelAndWait(
  id: string,
  timeoutMs: number,
  parts: CancelOrderParts,
  response: Response,
): Promise<Order> {
  const cancelled = isOrderId(id) ? await parts.cancelOrder.cancel(id) : undefined;
  if (cancelled === undefined || cancelled.outcome === "unknown") throw unknownOrder();
  if (cancelled.outcome !== "cancelling" || timeoutMs === 0) return cancelled.order;
  const until = ({ status }: Order) => status !== "CANCELLING";
  return waitForOrder(parts, { orderId: id, until, timeoutMs }, response);
}

function tooLateProblem({ id, status }: Order): ProblemError {
  const detail = `It is too late to cancel: the order is ${status}.`;
  return new ProblemError(409, detail, {
    headers: { Location: orderPath(id) },
    extensions: { order_status: status },
  });
}
