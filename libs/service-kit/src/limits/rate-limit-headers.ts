import type { Quota, Rate } from "./token-buckets.ts";

/**
 * Returns the header fields that tell a caller of its quota. `RateLimit-Policy` has the size of the bucket and the seconds in
 * which it fills; `RateLimit` has the tokens that are left and the seconds until the bucket is full. `policy` names the
 * limit.
 * @see https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/
 */
export function rateLimitHeaders(policy: string, { burst, perSecond }: Rate): (quota: Quota) => Record<string, string> {
  const fields = `"${policy}";q=${burst};w=${Math.ceil(burst / perSecond)}`;
  return ({ left, fullInSeconds }) => ({
    "RateLimit-Policy": fields,
    RateLimit: `"${policy}";r=${left};t=${fullInSeconds}`,
  });
}
