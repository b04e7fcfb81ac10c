import { type Api, applied, appliedHeader, Problem, patience } from "@doubleshot/service-kit";
import type { Response } from "express";
import { z } from "zod";
import type { CancelOrder } from "../follow-order/cancel-order.ts";
import type { Order } from "../order/order.ts";
import { orderJson, toOrderJson } from "../order/order-json.ts";
import { isOrderId, orderPath } from "./order-problem-members.ts";
import { noSuchOrder } from "./order-problems.ts";
import { preferHeader } from "./place-order-input.ts";
import {
  locationHeader,
  orderParams,
  orderWithin,
  pathsOfOneOrder,
  type WaitingParts,
  waitingProblems,
} from "./wait-for-order.ts";

export interface CancellingParts extends WaitingParts {
  readonly cancelOrder: CancelOrder;
}

const cancelOrderOperation = {
  method: "post",
  summary: "Take an order back",
  description:
    "Possible until a barista has begun; the bar decides who was first. `Prefer: wait=N` waits for its verdict.",
  params: orderParams,
  headers: z.object({ prefer: preferHeader }),
  answers: {
    200: { description: "It is cancelled.", schema: orderJson, headers: appliedHeader },
    202: {
      description: "The bar will decide: see `Location`.",
      schema: orderJson,
      headers: { ...locationHeader, ...appliedHeader },
    },
  },
  problems: { ...waitingProblems, 409: "Too late: somebody brews it, or has done so." },
} as const;

export function cancelling(api: Api, parts: CancellingParts): void {
  for (const path of pathsOfOneOrder("cancelOrder", "/cancel")) {
    api.handle({ ...cancelOrderOperation, ...path }, async ({ params, headers }, response) => {
      const wait = patience(headers.prefer);
      const order = await verdictOn(params.id, wait.within ?? 0, parts, response);
      response.set(applied(wait));
      if (order.status === "CANCELLING") response.status(202).location(orderPath(order.id));
      else if (order.status !== "CANCELLED") throw tooLate(order);
      response.json(toOrderJson(order));
    });
  }
}

/** The order as the bar, or our own books, have decided; still CANCELLING when that takes longer. */
async function verdictOn(id: string, timeoutMs: number, parts: CancellingParts, response: Response): Promise<Order> {
  const cancelled = isOrderId(id) ? await parts.cancelOrder.cancel(id) : undefined;
  if (cancelled === undefined || cancelled.outcome === "unknown") throw noSuchOrder();
  if (cancelled.outcome !== "cancelling" || timeoutMs === 0) return cancelled.order;
  const until = ({ status }: Order) => status !== "CANCELLING";
  return orderWithin(parts, { orderId: id, until, timeoutMs }, response);
}

function tooLate({ id, status }: Order): Problem {
  const detail = `It is too late to cancel: the order is ${status}.`;
  return new Problem(409, detail, {
    headers: { Location: orderPath(id) },
    extensions: { order_status: status },
  });
}
