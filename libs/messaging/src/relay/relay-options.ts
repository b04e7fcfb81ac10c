import type { SNSClient } from "@aws-sdk/client-sns";
import {
  anObject,
  callback,
  checkOptions,
  group,
  having,
  metricsSink,
  oneOf,
  optional,
  type Rules,
  source,
  topicArn,
  wholeNumber,
} from "../options/index.ts";
import type { Clock } from "../runtime/index.ts";
import type { Metrics } from "../telemetry/index.ts";
import { type ParkedRow, type ParkingOptions, parkingRules } from "./parked.ts";

export interface RelayOptions {
  readonly client: SNSClient;
  readonly topicArn: string;
  /** The CloudEvents source of the outbox; each message carries it as an attribute. */
  readonly source: string;
  /**
   * `report` returns the lowest unsent record as batch item failure, for event source mappings with
   * `ReportBatchItemFailures`; `throw` fails the whole batch, for hosts that ignore that. Default `report`.
   */
  readonly failures?: "report" | "throw";
  /**
   * Concurrent `PublishBatch` calls, 1 to 1,000. Default 4. With more, a backlog of many aggregates is published sooner; with
   * fewer, the topic's quota keeps room for its other publishers.
   * @see https://docs.aws.amazon.com/general/latest/gr/sns.html
   */
  readonly concurrency?: number;
  /**
   * Table for events that SNS refuses for good. Without it such an event stops its aggregate, and in the end its shard, until
   * an operator intervenes.
   */
  readonly parking?: ParkingOptions;
  /** Receives the measurements of each invocation. See `metrics.ts`. */
  readonly metrics?: Metrics;
  /** For tests. */
  readonly clock?: Clock;
  /** Called for each row that is parked because SNS refused it, not for the rows parked behind it. */
  readonly onParked?: (row: Omit<ParkedRow, "parkedAt">) => void;
  /** Called for each event that was not published, and once for a call that failed as a whole. */
  readonly onTrouble?: (trouble: RelayTrouble) => void;
}

export interface RelayTrouble {
  readonly aggregate: string;
  readonly eventId: string;
  /** SNS's failure of the entry, or the error of the whole call. */
  readonly reason: unknown;
}

/** The part of Lambda's context that the relay uses. */
export interface Deadline {
  getRemainingTimeInMillis(): number;
}

const rules: Rules<RelayOptions> = {
  client: having("an SNSClient", "send"),
  topicArn,
  source,
  failures: optional(oneOf("report", "throw")),
  concurrency: optional(wholeNumber("calls", 1, 1_000)),
  parking: optional(group(parkingRules)),
  metrics: optional(metricsSink),
  clock: optional(anObject),
  onParked: optional(callback),
  onTrouble: optional(callback),
};

/** @throws TypeError naming the wrong option and the values allowed. */
export function checkRelayOptions(options: RelayOptions): void {
  checkOptions("relay", options, rules);
}
