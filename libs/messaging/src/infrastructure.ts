import type { CreateTableCommandInput } from "@aws-sdk/client-dynamodb";
import { checkOptions, present } from "./runtime/index.ts";

/*
 * What the library needs from AWS, as plain data in the shapes of AWS's own API: the SDK and CloudFormation take these
 * as they are, the CDK's L1 constructs with lower-case names, Terraform with snake_case ones. `docs/adopting.md` shows each.
 * Nothing here makes a call, and no setting may be loosened without losing what its comment says.
 */

/** `CreateTable` without the name. On-demand, because an outbox is written exactly as often as its service commits. */
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
 * One row for each commit that has news. The stream is what publishes them, and its position all that says how far that
 * has come: there is no "dispatched" flag, and no index, whose constant key would be one hot partition.
 */
export const outboxTable: TableSettings = {
  ...byAggregateAndVersion,
  StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_IMAGE" },
};

/** One row for each event id handled, and the markers of blocked groups. No stream. */
export const inboxTable: TableSettings = {
  BillingMode: "PAY_PER_REQUEST",
  AttributeDefinitions: [{ AttributeName: "message", AttributeType: "S" }],
  KeySchema: [{ AttributeName: "message", KeyType: "HASH" }],
};

/**
 * Events that SNS will never take, and those behind them. One table for each outbox, because two may have aggregates of the
 * same name. No stream; and no TTL, for they wait for a human.
 */
export const parkedTable: TableSettings = byAggregateAndVersion;

/** `UpdateTimeToLive` for outbox and inbox. The rows carry when they may go, see `retention` of `createOutbox`. */
export const timeToLive = { AttributeName: "expiresAt", Enabled: true } as const;

/**
 * Attributes of the topic of one outbox; its name ends in `.fifo`. Event ids are the deduplication ids: an outbox makes
 * ids that do not repeat, but for five minutes a second source in the topic could lose a message that has the id of
 * another. Without the throughput scope it would take 3,000
 * messages a second in all and deduplicate across aggregates.
 * @see https://docs.aws.amazon.com/sns/latest/dg/fifo-high-throughput.html
 */
export const topic = {
  FifoTopic: "true",
  ContentBasedDeduplication: "false",
  FifoThroughputScope: "MessageGroup",
} as const;

const days = 24 * 60 * 60;

/** Groups run beside each other, each deduplicated by event id. @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/high-throughput-fifo.html */
const fifoQueue = {
  FifoQueue: "true",
  ContentBasedDeduplication: "false",
  DeduplicationScope: "messageGroup",
  FifoThroughputLimit: "perMessageGroupId",
} as const;

/**
 * Attributes of a subscriber's queue, to which `queuePolicy` and `redrivePolicy` belong. For `lambdaConsumer`, raise
 * the visibility timeout to six times the function's.
 */
export const subscriberQueue = {
  ...fifoQueue,
  VisibilityTimeout: "30",
  MessageRetentionPeriod: String(4 * days),
} as const;

/** Attributes of a subscriber's dead-letter queue, and of the one for what SNS could not deliver. 14 days is the longest SQS keeps a message. */
export const deadLetterQueue = { ...fifoQueue, MessageRetentionPeriod: String(14 * days) } as const;

/** Attributes of the queue that is told of stream records which outlived `MaximumRecordAgeInSeconds`. Lambda sends to standard queues only. */
export const failedRecordsQueue = { MessageRetentionPeriod: String(14 * days) } as const;

/** Placeholders, such as the CDK's tokens, are ARNs too: only a missing one is refused. */
const arn = present("an ARN");

/**
 * `RedrivePolicy` of a subscriber's queue. Far beyond the consumer's own ten attempts: a policy of the queue takes one
 * message out and lets those behind overtake it, where the consumer dead-letters in order.
 */
export function redrivePolicy(deadLetterQueueArn: string): string {
  checkOptions("redrivePolicy", { deadLetterQueueArn }, { deadLetterQueueArn: arn });
  return JSON.stringify({ deadLetterTargetArn: deadLetterQueueArn, maxReceiveCount: 100 });
}

/** `Policy` of a subscriber's queue, and of its queue for the undelivered. To be set before the subscription is made: SNS drops what it may not deliver. */
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
 * Attributes of the subscription of a queue to a topic. Raw, because the message is the event itself; without a queue
 * for the undelivered, SNS drops what meets a client error, silently. No filter policy: a change of one takes up to 15
 * minutes and drops meanwhile, and a subscriber passes over what it does not know.
 */
export function subscription(undeliveredQueueArn: string) {
  checkOptions("subscription", { undeliveredQueueArn }, { undeliveredQueueArn: arn });
  return {
    RawMessageDelivery: "true",
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: undeliveredQueueArn }),
  } as const;
}

/** Of the function that runs `relay`. Its calls give up well before that, or a stalled socket would use the time up. */
export const relayFunction = { Timeout: 30, MemorySize: 512 } as const;

/**
 * The event source mapping between the outbox table's stream and the relay's function, with `DestinationConfig`
 * `{ OnFailure: { Destination: <ARN of the queue for failed records> } }`.
 *
 * Retries have no cap, because giving up on a record reorders its aggregate; the age limit stays below the 24 hours
 * for which a stream keeps its records, so that what passes it is told of instead of vanishing.
 * One batch of a shard at a time: more would run an aggregate's versions beside each other after a resharding.
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
  /** TTL's removals, which are no news, are not even delivered. */
  FilterCriteria: { Filters: [{ Pattern: JSON.stringify({ eventName: ["INSERT"] }) }] },
} as const;

/** The event source mapping between a subscriber's queue and a function that runs `lambdaConsumer`. */
export const consumerMapping = { BatchSize: 10, FunctionResponseTypes: ["ReportBatchItemFailures"] } as const;

/**
 * `LifecycleConfiguration` of the bucket for data too large for a message. It must outlive every message that names it:
 * a subscriber takes none that is older than its inbox rows are kept (30 days).
 */
export const claimBucketLifecycle = {
  Rules: [{ ID: "expire", Status: "Enabled", Filter: { Prefix: "" }, Expiration: { Days: 35 } }],
} as const;
