import { callerOf, type Rate, rateLimitHeaders } from "@doubleshot/service-kit";
import type { RequestHandler } from "express";
import type { Admission } from "../admission.ts";
import { limitProblem } from "./order-problems.ts";

const placeOrderPath = /^\/orders?\/?$/i;

/** The `RateLimit` header fields of an answer to this caller. */
export type CallerRateLimit = (caller: string) => Record<string, string>;

export function callerRateLimit(admission: Pick<Admission, "quota">, rate: Rate): CallerRateLimit {
  const headers = rateLimitHeaders("orders", rate);
  return (caller) => headers(admission.quota(caller));
}

/** The same header fields, for the document. */
export const rateLimitHeaderFields = {
  "RateLimit-Policy":
    "The size of an address's token bucket, in orders, and the seconds in which an empty bucket fills.",
  RateLimit: "The orders that the address may place now, and the seconds until the bucket is full.",
};

/**
 * Refuses posts of callers that are over their rate, before the body is read: under an attack, reading is most of the cost.
 * A request with an idempotency key is let in, because its order may be there already.
 */
export function refuseOverRate(admission: Admission, rateLimit: CallerRateLimit): RequestHandler {
  return (request, response, next) => {
    if (request.method !== "POST" || !placeOrderPath.test(request.path)) return next();
    if (request.get("idempotency-key") !== undefined) return next();
    const { id: caller } = callerOf(request);
    const limited = admission.overRate(caller);
    if (limited === undefined) return next();
    response.set(rateLimit(caller));
    next(limitProblem(limited));
  };
}
