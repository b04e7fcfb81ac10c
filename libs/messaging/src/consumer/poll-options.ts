import type { SQSClient } from "@aws-sdk/client-sqs";
import {
  abortSignal,
  anObject,
  callback,
  checkOptions,
  group,
  having,
  optional,
  queueUrl,
  type Rules,
  wholeNumber,
} from "../options/index.ts";
import type { Clock } from "../runtime/index.ts";
import { aSubscriber, type Settlement, type Subscriber } from "../subscriber/index.ts";
import { type DeadLetterOptions, deadLetterRules } from "./dead-letters/dead-letters.ts";
import type { PollTrouble } from "./poll-trouble.ts";

export interface PollOptions {
  /** Its request timeout must exceed `waitSeconds`. */
  readonly client: SQSClient;
  readonly queueUrl: string;
  /**
   * Ends the poll. No receive begins; the receive under way ends by itself, within `waitSeconds`. Running handlers finish; the
   * other messages return to the queue.
   */
  readonly signal: AbortSignal;
  /**
   * Seconds that a receive waits for a message, a whole number from 1 to 20. Default 2. Longer waits make fewer calls while the
   * queue is empty (2 seconds: 1.3 million a month, 20 seconds: 0.13 million), and a slower end: a receive cannot be cancelled,
   * because SQS may still give the next message to a receive whose caller has gone, and hide it for the visibility timeout. A
   * process that is killed leaves its receive behind for that long.
   * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html
   */
  readonly waitSeconds?: number;
  /** Maximum of messages in flight, a whole number from 1. At the maximum, receives pause until an eighth is free. Default 64. */
  readonly concurrency?: number;
  /**
   * Seconds for which a message in flight stays hidden after each heartbeat, a whole number from 1 to 43,200. Another consumer
   * waits that long for the messages of one that died. Default 15.
   * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html
   */
  readonly visibilityTimeoutSeconds?: number;
  /**
   * Destination of messages whose handler keeps failing, and of those behind them. Without it, a failing message is tried
   * until the queue's own dead-letter policy removes it, and the messages behind overtake it.
   */
  readonly deadLetters?: DeadLetterOptions;
  /** For tests. */
  readonly clock?: Clock;
  /** Called for each settled message. An error that it throws, or rejects with, ends the poll. */
  readonly onSettled?: (settlement: Settlement) => void;
  /** Called for each failure. An error that it throws, or rejects with, ends the poll. */
  readonly onTrouble?: (trouble: PollTrouble) => void;
}

export const defaultConcurrency = 64;
export const defaultVisibilityTimeoutSeconds = 15;
export const defaultWaitSeconds = 2;

/** SQS hides a message for twelve hours at most. */
const maxVisibilityTimeoutSeconds = 43_200;
/** The longest wait of a receive. */
const maxWaitSeconds = 20;

const rules: Rules<PollOptions> = {
  client: having("an SQSClient", "send"),
  queueUrl,
  signal: abortSignal,
  waitSeconds: optional(wholeNumber("seconds", 1, maxWaitSeconds)),
  concurrency: optional(wholeNumber("messages", 1)),
  visibilityTimeoutSeconds: optional(wholeNumber("seconds", 1, maxVisibilityTimeoutSeconds)),
  deadLetters: optional(group(deadLetterRules)),
  clock: optional(anObject),
  onSettled: optional(callback),
  onTrouble: optional(callback),
};

/** @throws TypeError naming the wrong option and the values allowed. */
export function checkPollOptions(subscriber: Subscriber, options: PollOptions): void {
  checkOptions("poll", { subscriber, ...options }, { subscriber: aSubscriber, ...rules });
}
