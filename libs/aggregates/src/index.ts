export {
  type AggregateState,
  Aggregates,
  type AggregatesOptions,
  type Changed,
  type CommittedChange,
  type Decision,
  type MessageDecision,
  saved,
} from "./aggregates.ts";
export { type BoundRequest, isSameRequest, RequestKeys, type RequestRow } from "./request-keys.ts";
