import type { Message as QueueMessage, SQSClient } from "@aws-sdk/client-sqs";
import type { SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import { callback, checkOptions, group, having, optional, type Rules } from "../options/index.ts";
import { CommitOutcomeUnknownError, isOutage, notify, warn } from "../runtime/index.ts";
import { aSubscriber, type Subscriber } from "../subscriber/index.ts";
import { type BlockedMarker, blockedGroupsOf } from "./dead-letters/blocked-groups.ts";
import {
  type DeadLetterOptions,
  DeadLetters,
  deadLetterRules,
  isRedriven,
  mayPass,
} from "./dead-letters/dead-letters.ts";

export interface LambdaConsumerOptions {
  /** Destination of messages whose handler keeps failing, and of those behind them; see `PollOptions`. */
  readonly deadLetters?: DeadLetterOptions & { readonly client: SQSClient };
  /** Called for each message that failed and comes again. An error of a callback becomes a warning of Node.js. */
  readonly onFailure?: (error: unknown, record: SQSRecord) => void;
  /** Called for each message that was moved to the dead-letter queue because its last attempt failed. */
  readonly onDead?: (error: unknown, record: SQSRecord) => void;
}

const rules: Rules<LambdaConsumerOptions> = {
  deadLetters: optional(
    group<NonNullable<LambdaConsumerOptions["deadLetters"]>>({
      ...deadLetterRules,
      client: having("an SQSClient", "send"),
    }),
  ),
  onFailure: optional(callback),
  onDead: optional(callback),
};

/**
 * A Lambda handler for an SQS event source mapping with `ReportBatchItemFailures`. Message groups run concurrently, each in
 * order. After a failure, the rest of the group is reported as failed too, so that nothing overtakes the failed message. The
 * queue's visibility timeout must be at least six times the function's timeout.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 * @throws TypeError naming the wrong option and the values allowed.
 */
export function lambdaConsumer(
  subscriber: Subscriber,
  options: LambdaConsumerOptions = {},
): (event: SQSEvent) => Promise<SQSBatchResponse> {
  checkOptions("lambdaConsumer", { subscriber, ...options }, { subscriber: aSubscriber, ...rules });
  const { deadLetters: dead } = options;
  const onFailure = notify(options.onFailure, warn);
  const onDead = notify(options.onDead, warn);
  const deadLetters =
    dead && new DeadLetters({ ...dead, groups: blockedGroupsOf(subscriber), onMoved: subscriber.onDeadLettered });

  async function handleGroup(records: readonly SQSRecord[], marker?: BlockedMarker): Promise<SQSRecord[]> {
    let blocked = (record: SQSRecord) => marker !== undefined && !mayPass(queueMessage(record), marker);
    for (const [index, record] of records.entries()) {
      try {
        if ((await process(record, blocked(record), marker)) === "closed") blocked = () => true;
      } catch (error) {
        onFailure(error, record);
        return records.slice(index);
      }
    }
    return [];
  }

  /** Returns `closed` when no message behind it may be handled. */
  async function process(record: SQSRecord, blocked: boolean, marker?: BlockedMarker): Promise<"open" | "closed"> {
    const message = queueMessage(record);
    const moved = blocked && (await deadLetters?.follow(message, marker)) === "moved";
    if (moved) return isRedriven(message) ? "closed" : "open";
    return (await handle(record)) === "dead" ? "closed" : "open";
  }

  /** @throws the handler's error if the message must come again. */
  async function handle(record: SQSRecord): Promise<"handled" | "dead"> {
    const message = queueMessage(record);
    try {
      deadLetters?.refuseReceivedTooOften(message);
      await subscriber.handle({
        body: record.body,
        receiveCount: Number(record.attributes.ApproximateReceiveCount),
        sentAt: Number(record.attributes.SentTimestamp),
      });
      return "handled";
    } catch (error) {
      const out = isOutage(error) || error instanceof CommitOutcomeUnknownError;
      if (deadLetters === undefined || out || !deadLetters.isFinal(message, error)) throw error;
      await deadLetters.deadLetter(message, error);
      onDead(error, record);
      return "dead";
    }
  }

  async function handleAll(records: readonly SQSRecord[]): Promise<SQSRecord[]> {
    // A standard queue has no groups: each of its messages is a group of its own.
    const groups = Map.groupBy(records, ({ attributes, messageId }) => attributes.MessageGroupId ?? messageId);
    const blocked = await deadLetters?.blockedAmong(records.map(queueMessage));
    const handling = [...groups].map(([group, ofGroup]) =>
      handleGroup(ofGroup, blocked?.get(group)).catch(() => [...ofGroup]),
    );
    return (await Promise.all(handling)).flat();
  }

  return async ({ Records }) => {
    const failed = await handleAll(Records).catch((error: unknown) => {
      for (const record of Records) onFailure(error, record);
      return Records;
    });
    return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
  };
}

/** The record in the form of a received message. */
function queueMessage({ messageId, receiptHandle, body, attributes, messageAttributes }: SQSRecord): QueueMessage {
  const { ApproximateReceiveCount, SentTimestamp, MessageGroupId, SequenceNumber } = attributes;
  return {
    MessageId: messageId,
    ReceiptHandle: receiptHandle,
    Body: body,
    Attributes: {
      ApproximateReceiveCount,
      SentTimestamp,
      ...(MessageGroupId && { MessageGroupId }),
      ...(SequenceNumber && { SequenceNumber }),
    },
    MessageAttributes: Object.fromEntries(
      Object.entries(messageAttributes).map(([name, { dataType, stringValue }]) => [
        name,
        { DataType: dataType, StringValue: stringValue },
      ]),
    ),
  };
}
