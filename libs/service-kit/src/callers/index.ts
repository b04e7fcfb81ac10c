export { type Caller, callerAt, callerOf } from "./caller.ts";
export {
  type IdempotencyKey,
  idempotencyKeyHeader,
  idempotencyKeyOf,
  keyHeaderPattern,
  requestKeyOf,
} from "./idempotency-key.ts";
export { type TrustProxy, trustedPeers, trustedProxies } from "./trusted-proxies.ts";
export { logUnreadableCallers } from "./unreadable-callers.ts";
