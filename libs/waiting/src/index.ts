export { type Hint, Hints, NoHints, QueueHints, type QueueHintsOptions } from "./hints/index.ts";
export { Notifier, type NotifierOptions } from "./notifier.ts";
export { Sweep, type SweepOptions } from "./sweep.ts";
export {
  type VersionedRecord,
  type Wait,
  type WaitEnd,
  Waiters,
  type WaitersOptions,
  type WaitOptions,
} from "./waiters.ts";
