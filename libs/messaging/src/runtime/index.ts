export { isAmbiguous, isOutage, isThrottling } from "./aws-errors.ts";
export { backoff } from "./backoff.ts";
export { type Clock, deadlineSignal, realClock } from "./clock.ts";
export {
  CommitOutcomeUnknown,
  CommitTooLarge,
  ConcurrencyConflict,
  OutboxAheadError,
  SameItemTwice,
  UnguardedCondition,
} from "./errors.ts";
export { notify, warn } from "./notify.ts";
export {
  abortSignal,
  amount,
  anObject,
  callback,
  checkOptions,
  claimCheckStore,
  group,
  having,
  metricsSink,
  milliseconds,
  oneOf,
  optional,
  present,
  queueUrl,
  type Rule,
  type Rules,
  source,
  tableName,
  text,
  topicArn,
  wholeNumber,
} from "./options.ts";
export { requireMember } from "./require-member.ts";
export { isAbsolute, isUriReference } from "./uri-reference.ts";
