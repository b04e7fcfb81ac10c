export type { Hint } from "./hint.ts";
export { Hints, NoHints, QueueHints, type QueueHintsOptions } from "./hints.ts";
