/**
 * The resources that a system needs from AWS, as plain data. `provision()` creates them on any endpoint. The embedded
 * event source host and the cloud deployment read the same values. All names are short names. On an endpoint each has the
 * shop as its prefix (`doubleshot-notes-outbox`), so that many shops can share one endpoint.
 */
export interface Topology {
  readonly tables: Readonly<Record<string, TableSpec>>;
  readonly topics: Readonly<Record<string, TopicSpec>>;
  readonly queues: Readonly<Record<string, QueueSpec>>;
  readonly subscriptions: readonly SubscriptionSpec[];
  readonly mappings: Readonly<Record<string, MappingSpec>>;
  readonly buckets?: Readonly<Record<string, BucketSpec>>;
  /** The services that own the resources, by name. Operators' commands read them; `provision` does not. */
  readonly services?: Readonly<Record<string, ServiceSpec>>;
}

export interface ServiceSpec {
  /** Port of the service's first process on a developer's machine. */
  readonly port: number;
  /** The aggregate that a trace follows through this service. */
  readonly traced?: TracedAggregate;
  /** Table of the keys that the service signs access tokens with, if it issues them. */
  readonly signingKeys?: string;
}

/** An aggregate that has the same id in every service that keeps one. Its item shows which states it has been in. */
export interface TracedAggregate {
  /** Kind of the aggregate: `order` for aggregates such as `order#42`. */
  readonly kind: string;
  /** Table of the item, with `id` as its key and `status` as an attribute. */
  readonly table: string;
  /** Status by the attribute with its time (RFC 3339). A dot leads into a map: `claim.startedAt`. */
  readonly times: Readonly<Record<string, string>>;
  /** The status that an item leaves soon, unless something is wrong. `doubleshot status` counts those that stay in it. */
  readonly passing?: PassingStatus;
}

/** A status that other services end, found by a sparse index of the items in it. */
export interface PassingStatus {
  readonly status: string;
  /** Seconds after which an item counts as stuck. */
  readonly maxSeconds: number;
  /** Its sort key is text that begins with the time (RFC 3339) at which the item came to this status. */
  readonly index: string;
  /** The partitions over which the index spreads the items. */
  readonly partitions: readonly string[];
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
  /** S3 deletes an object this many days after its creation, at the next midnight (UTC). */
  readonly expireAfterDays: number;
}

export interface SubscriptionSpec {
  readonly topic: string;
  readonly queue: string;
  /** Queue for messages that SNS could not deliver. Without it, a client error drops the message silently. */
  readonly undelivered: string;
  /** Event types that the queue's subscriber handles. They make no filter policy; a test compares them with the handlers. */
  readonly handles: readonly string[];
  /** The subscriber that reads the queue, and its inbox table. The search for undelivered events compares with that table. */
  readonly handledBy?: { readonly subscriber: string; readonly inbox: string };
}

/** A DynamoDB stream that feeds a Lambda function: the settings of the AWS event source mapping and of the function. */
export interface MappingSpec {
  readonly table: string;
  readonly publishesTo: string;
  /** CloudEvents `source` of the outbox's events. */
  readonly source: string;
  readonly onFailure: string;
  /** Table for events that the topic will never accept. */
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
