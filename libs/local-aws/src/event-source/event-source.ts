import type { DynamoDBRecord } from "aws-lambda";
import type { Log } from "../log.ts";
import type { RetrySettings } from "./batch/batch-slices.ts";
import type { Discarded } from "./batch/discarded.ts";
import type { Checkpoints } from "./checkpoints.ts";
import type { FilterPattern } from "./event-filter.ts";
import type { Invoke } from "./invocation.ts";
import type { Pace } from "./pace.ts";
import type { StreamSource } from "./stream/stream-source.ts";

/** The settings of an AWS event source mapping for DynamoDB Streams; names and meanings are AWS's. */
interface MappingSettings extends RetrySettings {
  readonly batchSize: number;
  readonly maximumBatchingWindowSeconds: number;
  readonly filter: FilterPattern;
}

/** Waiting times of the host itself, in milliseconds. */
export interface HostTimes {
  /** Time between two lists of the shards, unless one of them ends or there is none to read. */
  readonly shardRefreshMs: number;
  /** An iterator that gave nothing for this long is replaced: some endpoints let iterators go stale silently. */
  readonly iteratorRenewalMs: number;
  /** The first wait after a failure; it doubles with each further one. */
  readonly minRetryMs: number;
  readonly maxRetryMs: number;
}

/** A running mapping: a stream, a function, and the rules between them. */
export interface EventSource {
  readonly name: string;
  readonly source: StreamSource;
  readonly settings: MappingSettings;
  readonly checkpoints: Checkpoints;
  readonly invoke: Invoke;
  /** Notifies the on-failure destination. Called again after a rejection. */
  readonly discard: (shard: string, discarded: Discarded) => Promise<void>;
  readonly times: HostTimes;
  /** The same for all mappings of a host. */
  readonly pace: Pace;
  readonly log: Log;
  readonly signal: AbortSignal;
}

export const sequenceNumber = (record: DynamoDBRecord): string => record.dynamodb?.SequenceNumber ?? "";
