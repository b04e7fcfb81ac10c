export {
  type AggregateState,
  Aggregates,
  type AggregatesOptions,
  atNextVersion,
  type Changed,
  type CommittedChange,
  type Decision,
  type MessageDecision,
} from "./aggregates.ts";
export { type BoundRequest, isSameRequest, RequestKeys, type RequestRow } from "./request-keys.ts";
