import { CommitOutcomeUnknown, ConcurrencyConflict, isOutage } from "@doubleshot/messaging";
import { Problem } from "@doubleshot/service-kit";
import type { ErrorRequestHandler } from "express";

/**
 * AWS out of reach, or a ticket that everybody changes at once, is nobody's bug and passes: a 503 that says so, not a
 * 500. Every request here is safe to repeat.
 */
export const outageAsProblem: ErrorRequestHandler = (error: unknown, request, _response, next) => {
  const passes = isOutage(error) || error instanceof CommitOutcomeUnknown || error instanceof ConcurrencyConflict;
  if (!passes) return next(error);
  request.log.warn({ err: error }, "AWS is out of reach");
  next(
    new Problem(503, "The bar cannot reach its books. Send the request again.", { headers: { "Retry-After": "1" } }),
  );
};
