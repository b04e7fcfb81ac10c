import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type { ClaimCheck } from "../claim-check/index.ts";
import {
  amount,
  anObject,
  checkOptions,
  claimCheckStore,
  group,
  having,
  metricsSink,
  optional,
  type Rules,
  source,
  tableName,
} from "../options/index.ts";
import type { Clock } from "../runtime/index.ts";
import type { Metrics } from "../telemetry/index.ts";

export interface OutboxOptions {
  readonly client: DynamoDBDocumentClient;
  /**
   * CloudEvents `source` of every event committed here: a URI reference of 1 to 256 characters, such as `/shop/orders` or
   * `https://shop.example/orders`. Each outbox needs a source of its own.
   */
  readonly source: string;
  readonly tables: { readonly outbox: string; readonly inbox: string };
  /**
   * Days to keep rows; default 7 for the outbox and 30 for the inbox. The inbox must outlive queue, dead-letter queue and
   * replay together: a subscriber rejects a message as `MessageTooOldError` if the inbox may have lost its record.
   */
  readonly retentionDays?: { readonly outbox?: number; readonly inbox?: number };
  /**
   * Stores data that is too large for a message, or for an outbox row together with the other events of its commit. Without
   * one, such a commit fails with `CommitTooLargeError`.
   */
  readonly claimCheck?: ClaimCheck;
  /** Receives how commits end, and how deliveries to this outbox's subscribers end. See `metrics.ts`. */
  readonly metrics?: Metrics;
  /** For tests. */
  readonly clock?: Clock;
}

/** At most a hundred years, so that an expiry is a number of epoch seconds that DynamoDB's TTL accepts. */
const days = amount("days", { above: 0, max: 36_500 });

const rules: Rules<OutboxOptions> = {
  client: having("a DynamoDBDocumentClient", "send"),
  source,
  tables: group<OutboxOptions["tables"]>({ outbox: tableName, inbox: tableName }),
  retentionDays: optional(
    group<NonNullable<OutboxOptions["retentionDays"]>>({ outbox: optional(days), inbox: optional(days) }),
  ),
  claimCheck: optional(claimCheckStore),
  metrics: optional(metricsSink),
  clock: optional(anObject),
};

/** @throws TypeError naming the wrong option and the values allowed. */
export function checkOutboxOptions(options: OutboxOptions): void {
  checkOptions("createOutbox", options, rules);
}
