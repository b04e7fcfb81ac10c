export { type ClaimCheck, ClaimCheckMissing, ClaimCheckUnreadable } from "./claim-check/index.ts";
export {
  type DeadLetterOptions,
  type LambdaConsumerOptions,
  lambdaConsumer,
  type PollOptions,
  type PollTrouble,
  poll,
  ReceivedTooOften,
} from "./consumer/index.ts";
export {
  currentContext,
  defineEvent,
  type EventDefinition,
  type EventOptions,
  InvalidEventData,
  type MessageContext,
  type PendingEvent,
  type StandardSchema,
  uuidv7,
  withContext,
} from "./events/index.ts";
export {
  type Commit,
  type CommitOptions,
  type Committed,
  createOutbox,
  type Duplicate,
  type Ignored,
  ignore,
  MessageTooOld,
  type Outbox,
  type OutboxOptions,
  type Refused,
  type RetryConflictsOptions,
  retryConflicts,
  type Save,
  type Settled,
  type Write,
} from "./outbox/index.ts";
export {
  type Deadline,
  type ParkedReason,
  type ParkedRow,
  type ParkingOptions,
  type RelayOptions,
  type RelayTrouble,
  relay,
  UnsentEvents,
} from "./relay/index.ts";
export {
  type Clock,
  CommitOutcomeUnknown,
  CommitTooLarge,
  ConcurrencyConflict,
  isOutage,
  OutboxAheadError,
  SameItemTwice,
  UnguardedCondition,
} from "./runtime/index.ts";
export {
  type Delivery,
  HandlerTimedOut,
  type Message,
  type MessageResult,
  on,
  SettledTwice,
  type Settlement,
  type Subscriber,
  type SubscriberOptions,
  type Subscription,
  subscriber,
} from "./subscriber/index.ts";
export { type Instrument, instruments, type MetricLabels, type MetricName, type Metrics } from "./telemetry/index.ts";
