import { CommitOutcomeUnknownError, ConcurrencyConflictError, isOutage } from "@doubleshot/messaging";
import { ProblemError } from "@doubleshot/service-kit";
import { failedCall } from "@doubleshot/topology";
import type { ErrorRequestHandler } from "express";

const headers = { "Retry-After": "1" };

/**
 * Answers 503 with `Retry-After` instead of 500 when a request failed for a reason that passes: AWS is unavailable, the
 * outcome of a commit is unknown, or an aggregate has too many writers. A request that gets here is safe to repeat, under its
 * idempotency key if its operation takes one.
 */
export const outageAsProblem: ErrorRequestHandler = (error: unknown, request, _response, next) => {
  if (error instanceof ConcurrencyConflictError) {
    request.log.warn({ err: error }, "too many writers change one aggregate");
    next(
      new ProblemError(503, "Too many requests change this at once. Send the request again in a few seconds.", {
        headers,
      }),
    );
  } else if (isOutage(error) || error instanceof CommitOutcomeUnknownError) {
    // Requests read and commit in DynamoDB alone, so an error without its call comes from there as well.
    const service = failedCall(error)?.service ?? "DynamoDB";
    request.log.warn({ err: error }, `${service} is unavailable`);
    next(new ProblemError(503, `${service} is unavailable. Send the request again in a few seconds.`, { headers }));
  } else {
    next(error);
  }
};
