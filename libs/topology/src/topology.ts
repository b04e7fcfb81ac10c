/**
 * The shape of a topology: what a system needs from AWS, as plain data. `provision()` makes it on any endpoint, the
 * embedded event-source host and the cloud deployment read the same values. All names are short names; on an endpoint
 * each is prefixed with the shop (`doubleshot-orders-outbox`), so that many shops can share one.
 */
export interface Topology {
  readonly tables: Readonly<Record<string, TableSpec>>;
  readonly topics: Readonly<Record<string, TopicSpec>>;
  readonly queues: Readonly<Record<string, QueueSpec>>;
  readonly subscriptions: readonly SubscriptionSpec[];
  readonly mappings: Readonly<Record<string, MappingSpec>>;
  readonly buckets?: Readonly<Record<string, BucketSpec>>;
}

export interface KeyAttribute {
  readonly name: string;
  readonly type: "S" | "N";
}

export interface KeySpec {
  readonly partition: KeyAttribute;
  readonly sort?: KeyAttribute;
}

export interface TableSpec {
  readonly key: KeySpec;
  readonly indexes?: Readonly<Record<string, KeySpec & { readonly projection: "ALL" | "KEYS_ONLY" }>>;
  readonly stream?: "NEW_IMAGE";
  /** Name of the attribute (epoch seconds) after which DynamoDB may delete the row. */
  readonly ttl?: string;
}

/** A topic whose name ends in `.fifo` is FIFO and gets the high-throughput settings at creation. */
export interface TopicSpec {
  readonly fifo: true;
}

export interface QueueSpec {
  readonly fifo: boolean;
  readonly visibilityTimeoutSeconds?: number;
  readonly retentionSeconds?: number;
  readonly deadLetter?: { readonly queue: string; readonly maxReceiveCount: number };
}

/** Private and encrypted, as S3 makes every new bucket. On AWS bucket names are shared with all the world. */
export interface BucketSpec {
  /** S3 deletes an object so many days after it was put, at the midnight (UTC) that follows. */
  readonly expireAfterDays: number;
}

export interface SubscriptionSpec {
  readonly topic: string;
  readonly queue: string;
  /** Where SNS puts what it could not deliver: without it, a client error drops the message silently. */
  readonly undelivered: string;
  /** The event types the queue's subscriber handles. No filter policy is made of them: a test holds them and the handlers together. */
  readonly handles: readonly string[];
  /** The subscriber that reads the queue, and the inbox table that says what it has handled: how undelivered events are found. */
  readonly handledBy?: { readonly subscriber: string; readonly inbox: string };
}

/** A DynamoDB stream feeding a Lambda function: the settings of an AWS event source mapping, and what the function is told. */
export interface MappingSpec {
  readonly table: string;
  readonly publishesTo: string;
  /** CloudEvents `source` of what the outbox holds. */
  readonly source: string;
  readonly onFailure: string;
  /** Table in which events stand aside that the topic will never take. */
  readonly parked?: string;
  readonly startingPosition: "TRIM_HORIZON";
  readonly batchSize: number;
  readonly maximumBatchingWindowSeconds: number;
  readonly parallelizationFactor: number;
  readonly reportBatchItemFailures: boolean;
  readonly bisectBatchOnFunctionError: boolean;
  /** -1: no cap. */
  readonly maximumRetryAttempts: number;
  readonly maximumRecordAgeSeconds: number;
  /** One event-filter pattern (`FilterCriteria`), as data. */
  readonly filter: Readonly<Record<string, unknown>>;
  readonly functionTimeoutSeconds: number;
  readonly functionMemoryMegabytes: number;
}
