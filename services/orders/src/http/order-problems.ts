import { Problem } from "@doubleshot/service-kit";
import type { Limited } from "../admission.ts";
import type { Limit } from "../orders-metrics.ts";
import type { GivenUp, KeyTaken, Removed } from "../place-order/place-order-request.ts";
import { orderPath } from "./order-problem-members.ts";

/** Seconds until another instance, or this one restarted, takes orders. */
const retryAfter = "1";

export const noSuchOrder = (): Problem =>
  new Problem(404, "There is no such order. Check the id, as POST /orders gave it.");

/** For the document. */
export const placingProblems = {
  410: "The order was removed from the books by hand.",
  422: "The `Idempotency-Key` stands for another request.",
};

interface WasCancelled {
  readonly outcome: "cancelled";
  readonly orderId: string;
}

/** Why there is no order to show. None of these loses one: what may have been placed is named by `Location`. */
export function refusal(result: KeyTaken | GivenUp | Limited | Removed | WasCancelled): Problem {
  switch (result.outcome) {
    case "key-taken":
      return new Problem(
        422,
        "This Idempotency-Key stands for another request. Use a new key for a new order, or repeat the request unchanged.",
      );
    case "limited":
      return limited(result);
    case "cancelled":
      return new Problem(409, "The order was cancelled, so no coffee comes of it. Order anew, under another key.", {
        headers: { Location: orderPath(result.orderId) },
      });
    case "removed":
      return new Problem(
        410,
        "The order was removed from the books, so no coffee comes of it. Order anew, under another key.",
      );
    case "given-up":
      return givenUp(result);
  }
}

const limits: Readonly<Record<Limit, { readonly status: number; readonly detail: string }>> = {
  waiting: { status: 503, detail: "The counter is full. Come back after Retry-After seconds." },
  rate: {
    status: 429,
    detail: "Your address orders too fast. The order was not taken: order again after Retry-After seconds.",
  },
  "open orders": {
    status: 429,
    detail: "Your address has too many open orders. Order again when some of them are ready.",
  },
};

export function limited({ by, retryAfter }: Limited): Problem {
  const { status, detail } = limits[by];
  return new Problem(status, detail, { headers: { "Retry-After": String(retryAfter) } });
}

/** For callers that come to wait for an order, when there is no room. */
export function noRoomToWait(limit: Limited, orderId: string): Problem {
  const { status, detail, headers } = limited(limit);
  return new Problem(status, detail, {
    headers: { ...headers, Location: orderPath(orderId) },
  });
}

function givenUp({ orderId, reason }: GivenUp): Problem {
  const headers = { "Retry-After": retryAfter, ...(orderId === undefined ? {} : { Location: orderPath(orderId) }) };
  if (reason === "crowded-out") {
    const detail = "Too many requests wait for this order, and yours are the first to give way. Follow it at Location.";
    return new Problem(429, detail, { headers });
  }
  if (reason === "full" && orderId !== undefined) {
    return new Problem(503, "The counter is full, but the order goes on: follow it at Location.", {
      headers,
    });
  }
  const detail =
    orderId === undefined
      ? "The counter is closing here and the order was not taken. Order again."
      : "The counter is closing here, but the order goes on: follow it at Location.";
  return new Problem(503, detail, { headers });
}
