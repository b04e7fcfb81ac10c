export { type Hint, Hints, NoHints, QueueHints, type QueueHintsOptions } from "./hints/index.ts";
