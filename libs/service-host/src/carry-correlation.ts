import { withContext } from "@doubleshot/messaging";
import { requestContext } from "@doubleshot/service-kit";
import type { RequestHandler } from "express";

/** Gives the request's correlation id to every event that the request commits, and so to the events that follow from it. */
export const carryCorrelation: RequestHandler = (_request, _response, next) => {
  const context = requestContext();
  if (context === undefined) return next();
  return withContext({ correlationId: context.correlationId }, next);
};
