import { brewResult, canonicalOrderId } from "@doubleshot/contracts";
import { Problem } from "@doubleshot/service-kit";
import { z } from "zod";
import type { Finished } from "../ticket/finish-ticket.ts";
import type { FinishedTicket } from "../ticket/ticket.ts";

/** An order's id in any case: what somebody typed, or an app changed, is still the same order. */
export const orderIdInput = z.uuid("it must be the id of one order, as the claim gave it").overwrite(canonicalOrderId);

export const resultBody = {
  result: brewResult
    .exactOptional()
    .describe(
      "Any JSON for the customer, who gets the same values; the order of names is not kept. What would arrive changed is refused: more than 20 levels, a number that a double does not hold as it is written, -0, half a surrogate pair, the name `__proto__`, a name given twice in one object. Send such numbers as strings.",
    ),
};

/** A result passes through several services and stores, and none of them should have to take more levels than 20. */
export const resultLevels = 21;

export const finishProblems = {
  404: "The bar knows no such order.",
  409: "Nobody has started it, the customer has cancelled it, or it was claimed anew since.",
};

/** The ticket, or why it could not be finished. @throws Problem 404, 409 */
export function finishedOrProblem(finished: Finished, orderId: string): FinishedTicket {
  switch (finished.outcome) {
    case "finished":
      return finished.state;
    case "finished-before":
      return finished.ticket;
    case "unknown":
      throw unknownOrder(orderId);
    case "not-started":
      throw new Problem(409, "Nobody has started this order. Start one with GET /start/, and finish the one it names.");
    case "claimed-anew":
      throw claimOver();
    case "voided":
      throw new Problem(409, "The customer has cancelled this order. Start another one with GET /start/.");
  }
}

export function unknownOrder(orderId: string): Problem {
  return new Problem(404, `The bar knows no order ${orderId}. Check order_id; a new order takes a moment to arrive.`);
}

export function claimOver(): Problem {
  const detail =
    "This claim is over: its lease has ended, and the order was given to another barista, who finishes it.";
  return new Problem(409, detail);
}
