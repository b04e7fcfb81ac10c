import { ProblemError } from "@doubleshot/service-kit";
import type { Claimed } from "../claims/waiting-baristas.ts";
import type { Finished } from "../ticket/finish-ticket.ts";
import type { FinishedTicket } from "../ticket/ticket.ts";

/** The problems of a finish, for the document. */
export const finishProblems = {
  404: "The bar knows no such order.",
  409: "The order is not started, the customer has cancelled it, or another barista has claimed it since.",
};

/** Returns the finished ticket. @throws ProblemError 404, 409 if the order cannot be finished */
export function finishedOrProblem(finished: Finished, orderId: string): FinishedTicket {
  switch (finished.outcome) {
    case "finished":
      return finished.state;
    case "finished-before":
      return finished.ticket;
    case "unknown":
      throw unknownOrder(orderId);
    case "not-started":
      throw new ProblemError(
        409,
        "No barista has started this order. Start one with GET /start/, and finish the order that it returns.",
      );
    case "claimed-by-another":
      throw claimOver();
    case "voided":
      throw new ProblemError(409, "The customer has cancelled this order. Start another one with GET /start/.");
  }
}

export function unknownOrder(orderId: string): ProblemError {
  return new ProblemError(
    404,
    `The bar knows no order ${orderId}. Check order_id; a new order takes a moment to arrive.`,
  );
}

export function claimOver(): ProblemError {
  const detail =
    "This claim no longer holds the order: another barista has claimed it, or it was finished or cancelled. Stop brewing, and claim another order.";
  return new ProblemError(409, detail);
}

/** The problem of a barista that gets no place to wait, for the document. */
export const noPlaceProblems = {
  503: "This instance is closing, or too many baristas wait: repeat the request after `Retry-After` seconds.",
};

const noPlaceDetails = {
  closing: {
    detail:
      "This instance is closing. Repeat the request in a second: another instance answers, or this one after its restart.",
    seconds: 1,
  },
  "crowded-out": {
    detail: "Too many baristas wait at this instance. Repeat the request after Retry-After seconds.",
    seconds: 5,
  },
} as const;

export function noPlace({ reason }: Extract<Claimed, { readonly outcome: "turned-away" }>): ProblemError {
  const { detail, seconds } = noPlaceDetails[reason];
  return new ProblemError(503, detail, { headers: { "Retry-After": String(seconds) } });
}
