import { callerOf } from "@doubleshot/service-kit";
import type { RequestHandler } from "express";
import type { Admission } from "../admission.ts";
import { limited } from "./order-problems.ts";
import type { RateLimitFields } from "./rate-limit-fields.ts";

/**
 * Turns away whoever orders too fast and brings no key, before their body is read: under an attack, that is what most
 * requests cost.
 */
export function turnAway(admission: Admission, rateLimit: RateLimitFields): RequestHandler {
  return (request, response, next) => {
    if (request.method !== "POST" || !ordering.test(request.path)) return next();
    if (request.get("idempotency-key") !== undefined) return next();
    const { id: caller } = callerOf(request);
    const refused = admission.overRate(caller);
    if (refused === undefined) return next();
    response.set(rateLimit(caller));
    next(limited(refused));
  };
}

const ordering = /^\/orders?\/?$/i;
