import type { SNSClient } from "@aws-sdk/client-sns";
import {
  anObject,
  type Clock,
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
} from "../runtime/index.ts";
import type { Metrics } from "../telemetry/index.ts";
import { type ParkedRow, type ParkingOptions, parkingRules } from "./parked.ts";

export interface RelayOptions {
  readonly client: SNSClient;
  readonly topicArn: string;
  /** The CloudEvents source of its outbox, sent along as a message attribute. */
  readonly source: string;
  /**
   * `report` returns the lowest unsent record as batch item failure, for event source mappings with
   * `ReportBatchItemFailures`; `throw` fails the whole batch, for hosts that ignore that. Default `report`.
   */
  readonly failures?: "report" | "throw";
  /** `PublishBatch` calls under way at once. Default 4. */
  readonly concurrency?: number;
  /** Milliseconds before the function's deadline at which no new call is begun; at half of them, a call is given up. Default 2,000. */
  readonly margin?: number;
  /**
   * Where events stand aside that SNS will never take. Without it they stop their aggregate, and with it in the end
   * their shard, until somebody mends it.
   */
  readonly parking?: ParkingOptions;
  /** Told what each invocation comes to. See `metrics.ts`. */
  readonly metrics?: Metrics;
  /** For tests. */
  readonly clock?: Clock;
  /** Told of each row that was parked because SNS refused it; rows parked behind it are not told of. */
  readonly onParked?: (row: Omit<ParkedRow, "parkedAt">) => void;
  readonly onTrouble?: (trouble: RelayTrouble) => void;
}

export interface RelayTrouble {
  readonly aggregate: string;
  readonly eventId: string;
  /** What SNS said of the entry, or the error that the whole call met. */
  readonly reason: unknown;
}

/** The part of Lambda's context that the relay asks. */
export interface Deadline {
  getRemainingTimeInMillis(): number;
}

/** The longest that a function may run. @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const maxFunctionMs = 15 * 60_000;

const rules: Rules<RelayOptions> = {
  client: having("an SNSClient", "send"),
  topicArn,
  source,
  failures: optional(oneOf("report", "throw")),
  concurrency: optional(wholeNumber("calls", 1, 1_000)),
  margin: optional(wholeNumber("milliseconds", 0, maxFunctionMs)),
  parking: optional(group(parkingRules)),
  metrics: optional(metricsSink),
  clock: optional(anObject),
  onParked: optional(callback),
  onTrouble: optional(callback),
};

/** @throws TypeError naming the option that is wrong, and what is allowed. */
export function checkRelayOptions(options: RelayOptions): void {
  checkOptions("relay", options, rules);
}
