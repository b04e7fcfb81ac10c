export { type Caller, callerAt, callerOf } from "./caller.ts";
export { type TrustProxy, trustedPeers, trustedProxies } from "./trusted-proxies.ts";
export { logUnreadableCallers } from "./unreadable-callers.ts";
