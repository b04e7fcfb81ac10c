import type { Link } from "@opentelemetry/api";
import type { DynamoDBRecord } from "aws-lambda";
import { realClock } from "../runtime/index.ts";
import { harmless, inSpan, linksTo, type TraceContext } from "../telemetry/index.ts";
import type { Backlog } from "./backlog.ts";
import type { Entry, EntryFailure } from "./publish-batches.ts";
import type { RelayOptions } from "./relay-options.ts";

/** Measures one invocation of the relay. */
export interface RelayObserver {
  /** One `PublishBatch` call. */
  call(batch: readonly Entry[], publish: () => Promise<Map<Entry, EntryFailure>>): Promise<Map<Entry, EntryFailure>>;
  /** SNS accepted an entry, which is still in its backlog. */
  published(entry: Entry): void;
  /** A row was parked. */
  parked(): void;
  /** The invocation ended, and these backlogs are left. */
  over(backlogs: readonly Backlog[]): void;
}

/**
 * A call's span links to the commits of its events, each link with the id of the event. Their trace context is in the
 * messages, which the relay parses only for a span that is recorded.
 */
export function observeRelay(options: RelayOptions, records: readonly DynamoDBRecord[]): RelayObserver {
  const { source, topicArn, clock = realClock } = options;
  const metrics = harmless(options.metrics);
  const labels = { source };
  metrics.record("relay.batch.records", records.length, labels);

  return {
    call: async (batch, publish) => {
      metrics.record("relay.batch.events", batch.length, labels);
      try {
        const failures = await inSpan(publishOperation(topicArn, batch), publish);
        if (failures.size > 0) metrics.record("relay.refused", failures.size, labels);
        return failures;
      } catch (error) {
        metrics.record("relay.failed_calls", 1, labels);
        throw error;
      }
    },
    published: ({ backlog }) => {
      metrics.record("relay.published", 1, labels);
      const createdAt = records[backlog.rows[0]?.record ?? -1]?.dynamodb?.ApproximateCreationDateTime;
      // In seconds, rounded down on AWS. The lag may come out negative, because the clocks differ.
      if (createdAt !== undefined) metrics.record("relay.lag", Math.max(0, clock.now() / 1000 - createdAt), labels);
    },
    parked: () => metrics.record("relay.parked", 1, labels),
    over: (backlogs) => {
      const unsent = backlogs.flatMap(({ rows }) => rows).reduce((sum, { events }) => sum + (events.length || 1), 0);
      if (unsent > 0) metrics.record("relay.unsent", unsent, labels);
    },
  };
}

function publishOperation(topicArn: string, batch: readonly Entry[]) {
  const destination = topicArn.slice(topicArn.lastIndexOf(":") + 1);
  const attributes = { "aws.sns.topic.arn": topicArn, "messaging.batch.message_count": batch.length };
  return { name: "publish", destination, attributes, findLinks: () => batch.flatMap(linksToCommit) } as const;
}

function linksToCommit({ event }: Entry): Link[] {
  const attributes = { "messaging.message.id": event.id };
  return linksTo(traceOf(event.json)).map((link) => ({ ...link, attributes }));
}

/** Empty for a message that is not JSON: a row that was written by hand is published as well. */
function traceOf(message: string): TraceContext {
  try {
    return Object(JSON.parse(message));
  } catch {
    return {};
  }
}
