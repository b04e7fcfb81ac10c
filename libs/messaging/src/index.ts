export { type BlockedGroupsOptions, type BlockedMarker, blockedKey, openGroup } from "./blocked-groups.ts";
export { type ClaimCheck, ClaimCheckMissing, ClaimCheckUnreadable } from "./claim-check.ts";
export type { Clock } from "./clock.ts";
export type { Commit, Save, Write } from "./commit.ts";
export { currentContext, type MessageContext, withContext } from "./context.ts";
export { type DeadLetterOptions, ReceivedTooOften } from "./dead-letters.ts";
export type { Delivery, Settlement } from "./delivery.ts";
export { type Envelope, fromWire, UnreadableMessage } from "./envelope.ts";
export {
  CommitOutcomeUnknown,
  CommitTooLarge,
  ConcurrencyConflict,
  OutboxAheadError,
  SameItemTwice,
  UnguardedCondition,
} from "./errors.ts";
export { defineEvent, type EventDefinition, type EventOptions, type PendingEvent } from "./event.ts";
export { HandlerTimedOut } from "./handler-time.ts";
export { inboxKey, inboxRecord, MessageTooOld } from "./inbox.ts";
export { type LambdaConsumerOptions, lambdaConsumer } from "./lambda-consumer.ts";
export { type Message, type MessageResult, SettledTwice } from "./message.ts";
export { type Instrument, instruments, type MetricLabels, type MetricName, type Metrics } from "./metrics.ts";
export { isOutage } from "./outage.ts";
export { createOutbox, type Outbox, type OutboxOptions } from "./outbox.ts";
export { type Committed, type Duplicate, type Ignored, ignore, type Refused, type Settled } from "./outcome.ts";
export {
  isParkedIndex,
  type ParkedMarker,
  type ParkedReason,
  type ParkedRow,
  type ParkingOptions,
  releaseParked,
} from "./parked.ts";
export { type PollOptions, poll } from "./poll.ts";
export type { PollTrouble } from "./poll-trouble.ts";
export { relay, UnsentEvents } from "./relay.ts";
export type { Deadline, RelayOptions, RelayTrouble } from "./relay-options.ts";
export { type RetryConflictsOptions, retryConflicts } from "./retry-conflicts.ts";
export { InvalidEventData, type StandardSchema } from "./standard-schema.ts";
export { MalformedRow } from "./stream-rows.ts";
export {
  on,
  type Subscriber,
  type SubscriberOptions,
  type Subscription,
  subscriber,
} from "./subscriber.ts";
export type { Patience } from "./transaction.ts";
export { uuidv7 } from "./uuidv7.ts";
