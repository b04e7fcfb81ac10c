export { isAmbiguous, isOutage, isThrottling } from "./aws-errors.ts";
export { backoff } from "./backoff.ts";
export { type Clock, deadlineSignal, realClock } from "./clock.ts";
export {
  CommitOutcomeUnknownError,
  CommitTooLargeError,
  ConcurrencyConflictError,
  OutboxAheadError,
  SameItemTwiceError,
  UnguardedConditionError,
} from "./errors.ts";
export { notify, warn } from "./notify.ts";
export { requireMember } from "./require-member.ts";
