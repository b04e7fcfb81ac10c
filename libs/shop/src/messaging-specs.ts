import * as infrastructure from "@doubleshot/messaging/infrastructure";
import type { BucketSpec, KeyAttribute, MappingSpec, QueueSpec, TableSpec } from "@doubleshot/topology";

// The messaging library owns these settings, in the shapes of AWS's API. Here they become specs of the topology.

const { timeToLive } = infrastructure;

export const outboxTable = tableSpec(infrastructure.outboxTable, timeToLive.AttributeName);
export const inboxTable = tableSpec(infrastructure.inboxTable, timeToLive.AttributeName);
/** Parked events have no expiry: each stays until an operator has resolved it. */
export const parkedTable = tableSpec(infrastructure.parkedTable);

export const deadLetterQueue = queueSpec(infrastructure.deadLetterQueue);
export const failedRecordsQueue = queueSpec(infrastructure.failedRecordsQueue);

export function subscriberQueue(deadLetters: string): QueueSpec {
  // Of the policy only the count is used, so any text may stand for the ARN.
  const { maxReceiveCount }: { maxReceiveCount: number } = JSON.parse(infrastructure.redrivePolicy(deadLetters));
  return { ...queueSpec(infrastructure.subscriberQueue), deadLetter: { queue: deadLetters, maxReceiveCount } };
}

/** The part of the mapping that all relays share. */
export const relayMapping = {
  startingPosition: infrastructure.relayMapping.StartingPosition,
  batchSize: infrastructure.relayMapping.BatchSize,
  maximumBatchingWindowSeconds: infrastructure.relayMapping.MaximumBatchingWindowInSeconds,
  parallelizationFactor: infrastructure.relayMapping.ParallelizationFactor,
  reportBatchItemFailures: infrastructure.relayMapping.FunctionResponseTypes.includes("ReportBatchItemFailures"),
  bisectBatchOnFunctionError: infrastructure.relayMapping.BisectBatchOnFunctionError,
  maximumRetryAttempts: infrastructure.relayMapping.MaximumRetryAttempts,
  maximumRecordAgeSeconds: infrastructure.relayMapping.MaximumRecordAgeInSeconds,
  filter: JSON.parse(infrastructure.relayMapping.FilterCriteria.Filters[0].Pattern),
  functionTimeoutSeconds: infrastructure.relayFunction.Timeout,
  functionMemoryMegabytes: infrastructure.relayFunction.MemorySize,
} satisfies Partial<MappingSpec>;

export const claimBucket: BucketSpec = {
  expireAfterDays: infrastructure.claimBucketLifecycle.Rules[0].Expiration.Days,
};

function tableSpec(settings: infrastructure.TableSettings, ttl?: string): TableSpec {
  const { KeySchema = [], AttributeDefinitions = [], StreamSpecification } = settings;
  const [partition, sort] = KeySchema.map(({ AttributeName: name }): KeyAttribute => {
    const defined = AttributeDefinitions.find((attribute) => attribute.AttributeName === name);
    if (name === undefined || defined === undefined) throw new Error(`The key ${name} has no attribute definition.`);
    return { name, type: defined.AttributeType === "N" ? "N" : "S" };
  });
  if (partition === undefined) throw new Error("The settings of a table name no key.");
  return {
    key: { partition, ...(sort && { sort }) },
    ...(StreamSpecification?.StreamViewType === "NEW_IMAGE" && { stream: "NEW_IMAGE" }),
    ...(ttl !== undefined && { ttl }),
  };
}

function queueSpec(attributes: {
  readonly FifoQueue?: string;
  readonly VisibilityTimeout?: string;
  readonly MessageRetentionPeriod: string;
}): QueueSpec {
  const { FifoQueue, VisibilityTimeout, MessageRetentionPeriod } = attributes;
  return {
    fifo: FifoQueue === "true",
    ...(VisibilityTimeout !== undefined && { visibilityTimeoutSeconds: Number(VisibilityTimeout) }),
    retentionSeconds: Number(MessageRetentionPeriod),
  };
}
