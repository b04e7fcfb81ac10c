import type { CreateTableCommandInput } from "@aws-sdk/client-dynamodb";
import { checkOptions, present } from "./options/index.ts";

export { permissions } from "./permissions.ts";

/*
 * The library's AWS resources as plain data, in the shapes of AWS's own API. The SDK and CloudFormation take them as they are,
 * the CDK's L1 constructs with lower-case names, Terraform with snake_case names; `docs/adopting.md` shows each. Nothing here
 * makes a call. Each comment names the guarantee that its setting gives.
 */

/** `CreateTable` without the name. On-demand, because an outbox is written as often as its service commits. */
export type TableSettings = Pick<
  CreateTableCommandInput,
  "AttributeDefinitions" | "KeySchema" | "BillingMode" | "StreamSpecification"
>;

const byAggregateAndVersion: TableSettings = {
  BillingMode: "PAY_PER_REQUEST",
  AttributeDefinitions: [
    { AttributeName: "aggregate", AttributeType: "S" },
    { AttributeName: "version", AttributeType: "N" },
  ],
  KeySchema: [
    { AttributeName: "aggregate", KeyType: "HASH" },
    { AttributeName: "version", KeyType: "RANGE" },
  ],
};

/**
 * One row for each commit with events. The relay publishes them from the stream, whose position is the progress: there is no
 * "dispatched" flag, and no index of undispatched rows, whose constant key would be one hot partition.
 */
export const outboxTable: TableSettings = {
  ...byAggregateAndVersion,
  StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_IMAGE" },
};

/** One row for each handled event id, and the markers of blocked groups. No stream. */
export const inboxTable: TableSettings = {
  BillingMode: "PAY_PER_REQUEST",
  AttributeDefinitions: [{ AttributeName: "message", AttributeType: "S" }],
  KeySchema: [{ AttributeName: "message", KeyType: "HASH" }],
};

/**
 * Events that SNS refuses for good, and those behind them. One table for each outbox, because two outboxes may have
 * aggregates of the same name. No stream, and no TTL, because an operator decides about them.
 */
export const parkedTable: TableSettings = byAggregateAndVersion;

/** `UpdateTimeToLive` for outbox and inbox. Each row has its expiry, see `retentionDays` of `createOutbox`. */
export const timeToLive = { AttributeName: "expiresAt", Enabled: true } as const;

/**
 * Attributes of the topic of one outbox; its name ends in `.fifo`. Event ids are the deduplication ids. An outbox never
 * repeats an id, but a second source in the topic might, and SNS would drop its message for five minutes. Without the
 * throughput scope, the topic takes 3,000 messages a second in all, and deduplicates across aggregates.
 * @see https://docs.aws.amazon.com/sns/latest/dg/fifo-high-throughput.html
 */
export const topic = {
  FifoTopic: "true",
  ContentBasedDeduplication: "false",
  FifoThroughputScope: "MessageGroup",
} as const;

const days = 24 * 60 * 60;

/** Message groups are independent, and each deduplicates by event id. @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/high-throughput-fifo.html */
const fifoQueue = {
  FifoQueue: "true",
  ContentBasedDeduplication: "false",
  DeduplicationScope: "messageGroup",
  FifoThroughputLimit: "perMessageGroupId",
} as const;

/**
 * Attributes of a subscriber's queue; add `queuePolicy` and `redrivePolicy`. For `lambdaConsumer`, raise the visibility
 * timeout to six times the function's timeout.
 */
export const subscriberQueue = {
  ...fifoQueue,
  VisibilityTimeout: "30",
  MessageRetentionPeriod: String(4 * days),
} as const;

/** Attributes of a subscriber's dead-letter queue, and of its queue for undelivered messages. SQS keeps a message 14 days at most. */
export const deadLetterQueue = { ...fifoQueue, MessageRetentionPeriod: String(14 * days) } as const;

/** Attributes of the queue for stream records older than `MaximumRecordAgeInSeconds`. Lambda sends to standard queues only. */
export const failedRecordsQueue = { MessageRetentionPeriod: String(14 * days) } as const;

/** Only a missing ARN is rejected, because it may be a placeholder, such as a token of the CDK. */
const arn = present("an ARN");

/**
 * `RedrivePolicy` of a subscriber's queue. Its limit is far above the consumer's own ten attempts: the queue's policy removes
 * one message and lets those behind overtake it, whereas the consumer dead-letters in order.
 */
export function redrivePolicy(deadLetterQueueArn: string): string {
  checkOptions("redrivePolicy", { deadLetterQueueArn }, { deadLetterQueueArn: arn });
  return JSON.stringify({ deadLetterTargetArn: deadLetterQueueArn, maxReceiveCount: 100 });
}

/** `Policy` of a subscriber's queue, and of its queue for undelivered messages. Set it before subscribing: SNS drops messages that it may not deliver. */
export function queuePolicy(queueArn: string, topicArn: string): string {
  checkOptions("queuePolicy", { queueArn, topicArn }, { queueArn: arn, topicArn: arn });
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: "sns.amazonaws.com" },
        Action: "sqs:SendMessage",
        Resource: queueArn,
        Condition: { ArnEquals: { "aws:SourceArn": topicArn } },
      },
    ],
  });
}

/**
 * Attributes of the subscription of a queue to a topic. Raw, because the message is the event itself. Without a queue for
 * undelivered messages, SNS silently drops a message after a client error. No filter policy: changing one takes up to 15
 * minutes and drops messages meanwhile, and a subscriber skips unknown types.
 */
export function subscription(undeliveredQueueArn: string) {
  checkOptions("subscription", { undeliveredQueueArn }, { undeliveredQueueArn: arn });
  return {
    RawMessageDelivery: "true",
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: undeliveredQueueArn }),
  } as const;
}

/** Settings of the function that runs `relay`. Its clients need much shorter timeouts, or a stalled socket uses the time up. */
export const relayFunction = { Timeout: 30, MemorySize: 512 } as const;

/**
 * The event source mapping between the outbox table's stream and the relay's function, with `DestinationConfig`
 * `{ OnFailure: { Destination: <ARN of the queue for failed records> } }`.
 *
 * - Retries have no limit, because skipping a record reorders its aggregate.
 * - The age limit is below the 24 hours of a stream's retention, so that an old record is reported before it is lost.
 * - One batch of a shard at a time: more would process versions of an aggregate concurrently after a resharding.
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
 */
export const relayMapping = {
  StartingPosition: "TRIM_HORIZON",
  BatchSize: 100,
  MaximumBatchingWindowInSeconds: 0,
  ParallelizationFactor: 1,
  FunctionResponseTypes: ["ReportBatchItemFailures"],
  BisectBatchOnFunctionError: true,
  MaximumRetryAttempts: -1,
  MaximumRecordAgeInSeconds: 20 * 60 * 60,
  /** Lambda does not deliver TTL's removals. */
  FilterCriteria: { Filters: [{ Pattern: JSON.stringify({ eventName: ["INSERT"] }) }] },
} as const;

/** The event source mapping between a subscriber's queue and a function that runs `lambdaConsumer`. */
export const consumerMapping = { BatchSize: 10, FunctionResponseTypes: ["ReportBatchItemFailures"] } as const;

/**
 * `LifecycleConfiguration` of the bucket for data that is too large for a message. The data must outlive the messages: a
 * subscriber rejects a message that is older than the inbox's retention (30 days).
 */
export const claimBucketLifecycle = {
  Rules: [{ ID: "expire", Status: "Enabled", Filter: { Prefix: "" }, Expiration: { Days: 35 } }],
} as const;
