export { rateLimitHeaders } from "./rate-limit-headers.ts";
export { type Place, SharedPlaces } from "./shared-places.ts";
export { type Quota, type Rate, TokenBuckets } from "./token-buckets.ts";
export { type NoPlace, type WaitingPlaceRequest, WaitingPlaces } from "./waiting-places.ts";
