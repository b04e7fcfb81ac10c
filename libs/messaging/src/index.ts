export { type ClaimCheck, ClaimCheckMissingError, ClaimCheckUnreadableError } from "./claim-check/index.ts";
export {
  type DeadLetterOptions,
  type LambdaConsumerOptions,
  lambdaConsumer,
  type PollOptions,
  type PollTrouble,
  poll,
  ReceivedTooOftenError,
} from "./consumer/index.ts";
export {
  currentContext,
  defineEvent,
  type EventDefinition,
  type EventOptions,
  InvalidEventDataError,
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
  MessageTooOldError,
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
  UnsentEventsError,
} from "./relay/index.ts";
export {
  type Clock,
  CommitOutcomeUnknownError,
  CommitTooLargeError,
  ConcurrencyConflictError,
  isOutage,
  OutboxAheadError,
  SameItemTwiceError,
  UnguardedConditionError,
} from "./runtime/index.ts";
export {
  type Delivery,
  HandlerTimedOutError,
  type Message,
  type MessageResult,
  on,
  SettledTwiceError,
  type Settlement,
  type Subscriber,
  type SubscriberOptions,
  type Subscription,
  subscriber,
} from "./subscriber/index.ts";
export { type Instrument, instruments, type MetricLabels, type MetricName, type Metrics } from "./telemetry/index.ts";
