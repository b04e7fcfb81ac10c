export {
  isParkedIndex,
  type ParkedMarker,
  type ParkedReason,
  type ParkedRow,
  type ParkingOptions,
  parkedMarkerVersion,
  releaseParked,
} from "./parked.ts";
export { relay, UnsentEventsError } from "./relay.ts";
export type { Deadline, RelayOptions, RelayTrouble } from "./relay-options.ts";
export { MalformedRowError } from "./stream-rows.ts";
