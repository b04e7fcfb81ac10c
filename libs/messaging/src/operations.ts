/*
 * For operators' tools: reading what the outbox, the inbox, the parked table and the queues hold, and letting parked
 * aggregates and blocked groups flow again. Services need none of it.
 */
export { type BlockedGroupsOptions, type BlockedMarker, blockedKey, openGroup } from "./consumer/index.ts";
export { type Envelope, fromWire, UnreadableMessageError } from "./events/index.ts";
export { inboxKey, inboxRecord } from "./outbox/index.ts";
export {
  isParkedIndex,
  MalformedRowError,
  type ParkedMarker,
  type ParkedReason,
  type ParkedRow,
  type ParkingOptions,
  parkedMarkerVersion,
  releaseParked,
} from "./relay/index.ts";
