import { ProblemError, type ProblemOptions } from "@doubleshot/service-kit";
import type { Limited } from "../admission.ts";
import type { CreditRefusal, Order } from "../order/order.ts";
import { toOrderJson } from "../order/order-json.ts";
import type { Limit } from "../orders-metrics.ts";
import type { GivenUp, KeyTaken, Removed, Served } from "../place-order/place-order-request.ts";
import { orderPath } from "./order-problem-members.ts";

/** Seconds until another instance, or this one after its restart, takes orders. */
const givenUpRetryAfterSeconds = "1";

export const unknownOrder = (): ProblemError =>
  new ProblemError(404, "There is no such order. Use the id that POST /orders returned.");

/** The problem of a caller that waits for an order that ends without a coffee, for the document. */
export const noCoffee = "The order has been cancelled or rejected. `order` shows it, with the reason.";

/** The problems of placing an order, for the document. */
export const placeOrderProblems = {
  410: "The order was deleted by hand.",
  422: "The `Idempotency-Key` stands for another request.",
  429: "Too many orders from your address, or open at once, or waiters under your key: repeat the request after `Retry-After` seconds.",
  503: "This instance is closing or full: repeat the request after `Retry-After` seconds. The order that goes on, if any, is at `Location`.",
};

/** The problem of a request that gets no order as its answer. An order that may have been placed is named by `Location`. */
export function orderProblem(result: KeyTaken | GivenUp | Limited | Removed): ProblemError {
  switch (result.outcome) {
    case "key-taken":
      return new ProblemError(
        422,
        "This Idempotency-Key stands for another request. Use a new key for a new order, or repeat the request unchanged.",
      );
    case "limited":
      return limitProblem(result);
    case "removed":
      return new ProblemError(410, "The order was deleted. Place a new order under another key.");
    case "given-up":
      return givenUpProblem(result);
  }
}

/**
 * Returns the order after a wait for it: it is completed, or a coffee may still come.
 * @throws ProblemError as `orderProblem` without an order; 409 for one that ended without a coffee
 */
export function orderAfterWait(result: Served): Order {
  if (result.outcome !== "served" && result.outcome !== "timed-out") throw orderProblem(result);
  const ended = endedProblem(result.order);
  if (ended !== undefined) throw ended;
  return result.order;
}

/** The problem of a caller whose order ended without a coffee. Undefined while one may come, and when it has come. */
function endedProblem(order: Order): ProblemError | undefined {
  const detail =
    order.status === "CANCELLED"
      ? "The order was cancelled. Place a new order under another key."
      : order.status === "REJECTED" && rejections[order.rejection ?? "INSUFFICIENT_CREDIT"];
  return detail ? new ProblemError(409, detail, showing(order)) : undefined;
}

const rejections: Readonly<Record<CreditRefusal, string>> = {
  INSUFFICIENT_CREDIT:
    "The account has too little credit for this order. Pay some of its debt, or order less under another key.",
  CUSTOMER_NOT_FOUND:
    "There is no customer with this customer_id. Use the id that POST /customers returned, in a new order under another key.",
};

/** The problem of a cancellation that cannot be carried out. */
export function tooLateProblem(order: Order): ProblemError {
  return new ProblemError(409, `It is too late to cancel: the order is ${order.status}.`, showing(order));
}

/** Members and headers of a conflict with the state of an order: the order as it is now, and where it is. */
function showing(order: Order): ProblemOptions {
  return {
    headers: { Location: orderPath(order.id) },
    extensions: { order_status: order.status, order: toOrderJson(order) },
  };
}

const limits: Readonly<Record<Limit, { readonly status: number; readonly detail: string }>> = {
  waiting: {
    status: 503,
    detail: "Too many callers wait at this instance. Send the request again after Retry-After seconds.",
  },
  rate: {
    status: 429,
    detail: "Your address orders too fast. The order was not placed: order again after Retry-After seconds.",
  },
  "open-orders": {
    status: 429,
    detail: "Your address has too many open orders. Order again when some of them are ready.",
  },
};

export function limitProblem({ by, retryAfterSeconds }: Limited): ProblemError {
  const { status, detail } = limits[by];
  return new ProblemError(status, detail, { headers: { "Retry-After": String(retryAfterSeconds) } });
}

/** The problem of a caller for whom there is no place to wait for the order. */
export function noPlaceToWait(limit: Limited, orderId: string): ProblemError {
  const { status, detail, headers } = limitProblem(limit);
  return new ProblemError(status, detail, {
    headers: { ...headers, Location: orderPath(orderId) },
  });
}

function givenUpProblem({ orderId, reason }: GivenUp): ProblemError {
  const headers = {
    "Retry-After": givenUpRetryAfterSeconds,
    ...(orderId === undefined ? {} : { Location: orderPath(orderId) }),
  };
  if (reason === "crowded-out") {
    const detail =
      "Too many requests wait for this order, and your address has the most of them. Follow the order at Location.";
    return new ProblemError(429, detail, { headers });
  }
  if (reason === "full" && orderId !== undefined) {
    return new ProblemError(
      503,
      "Too many callers wait at this instance, but the order goes on: follow it at Location.",
      {
        headers,
      },
    );
  }
  const detail =
    orderId === undefined
      ? "This instance is closing, and the order was not placed. Order again."
      : "This instance is closing, but the order goes on: follow it at Location.";
  return new ProblemError(503, detail, { headers });
}
