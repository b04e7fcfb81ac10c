import type { Rate } from "@doubleshot/service-kit";
import type { Admission } from "../admission.ts";

/** What to tell a caller of their quota, as header fields. */
export type RateLimitFields = (caller: string) => Record<string, string>;

/**
 * `RateLimit-Policy` and `RateLimit`: how many orders fit into the bucket and how long it takes to fill, how many are
 * left and in how many seconds it is full again.
 * @see https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/
 */
export function rateLimitFields(admission: Admission, { burst, perSecond }: Rate): RateLimitFields {
  const policy = `"orders";q=${burst};w=${Math.ceil(burst / perSecond)}`;
  return (caller) => {
    const { left, fullIn } = admission.quota(caller);
    return { "RateLimit-Policy": policy, RateLimit: `"orders";r=${left};t=${fullIn}` };
  };
}

/** For the document. */
export const rateLimitHeaders = {
  "RateLimit-Policy": "How many orders may come at once from one address, and in how many seconds so many more.",
  RateLimit: "How many are left, and in how many seconds all are.",
};

export const limitProblems = {
  429: "Too many orders from your address, or open at once, or waiters under your key: ask again after `Retry-After` seconds.",
  503: "The process stops or is full: ask again after `Retry-After` seconds. The order that goes on, if any, is at `Location`.",
};
