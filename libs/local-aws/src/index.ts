export type { FunctionSpec, Handler } from "./functions/function-spec.ts";
export { type LocalAws, type LocalAwsOptions, startLocalAws } from "./local-aws.ts";
export type { Log, LogEntry } from "./log.ts";
export { StartRefusedError } from "./start-refused.ts";
export { receivesEndingWith } from "./testing/ended-receives.ts";
export {
  type Fault,
  type FaultProxy,
  type ForeignAnswer,
  type ProxiedCall,
  startFaultProxy,
} from "./testing/fault-proxy.ts";
export { type WatchedReceives, watchedReceives } from "./testing/watched-receives.ts";
