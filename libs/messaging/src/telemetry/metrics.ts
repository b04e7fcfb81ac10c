/** Upper bounds in seconds for the duration of one step. */
const durationBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] as const;
/** Upper bounds in seconds for the time that a message was on its way, which an outage makes long. */
const lagBuckets = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600] as const;

/**
 * The library's metrics. An adapter loops over this table and creates an instrument of its system for each row, so a new row
 * appears everywhere.
 *
 * Names are dotted, as OpenTelemetry's are; an adapter converts them to its system's form. Durations are in seconds. Labels
 * have few values: no ids, no event types.
 */
export const instruments = {
  "outbox.commit.duration": {
    kind: "histogram",
    unit: "s",
    labels: ["source", "outcome"],
    buckets: durationBuckets,
    help: "How long commits took, retries included, by outcome: committed, duplicate, refused, conflict, unknown, failed.",
  },
  "relay.lag": {
    kind: "histogram",
    unit: "s",
    labels: ["source"],
    buckets: lagBuckets,
    help: "From the creation of an outbox row's stream record, which DynamoDB rounds down to the second, to the publication of each of its events.",
  },
  "relay.batch.records": {
    kind: "histogram",
    unit: "record",
    labels: ["source"],
    buckets: [1, 2, 5, 10, 25, 50, 100, 250, 1000, 10000],
    help: "Stream records in an invocation.",
  },
  "relay.batch.events": {
    kind: "histogram",
    unit: "event",
    labels: ["source"],
    buckets: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
    help: "Events in a PublishBatch call.",
  },
  "relay.published": { kind: "counter", unit: "event", labels: ["source"], help: "Events that SNS accepted." },
  "relay.refused": { kind: "counter", unit: "event", labels: ["source"], help: "Refusals of events by SNS." },
  "relay.failed_calls": {
    kind: "counter",
    unit: "call",
    labels: ["source"],
    help: "PublishBatch calls that failed as a whole: an outage.",
  },
  "relay.unsent": {
    kind: "counter",
    unit: "event",
    labels: ["source"],
    help: "Events left at the end of an invocation; the stream brings them again. An unreadable row counts as one.",
  },
  "relay.parked": {
    kind: "counter",
    unit: "row",
    labels: ["source"],
    help: "Outbox rows parked, because SNS refuses them for good or behind such a row.",
  },
  "subscriber.lag": {
    kind: "histogram",
    unit: "s",
    labels: ["subscriber"],
    buckets: lagBuckets,
    help: "From a message's arrival in the queue to its effect, for messages handled for the first time.",
  },
  "subscriber.process.duration": {
    kind: "histogram",
    unit: "s",
    labels: ["subscriber", "outcome"],
    buckets: durationBuckets,
    help: "How long deliveries took, by outcome: committed, duplicate, ignored, unknown, failed, outage. After the last two, the message comes again.",
  },
  "subscriber.retries": {
    kind: "counter",
    unit: "delivery",
    labels: ["subscriber"],
    help: "Deliveries of messages with a receive count above 1.",
  },
  "subscriber.conflicts": {
    kind: "counter",
    unit: "conflict",
    labels: ["subscriber"],
    help: "Handlers run again, because another commit came in between.",
  },
  "subscriber.regressions": {
    kind: "counter",
    unit: "message",
    labels: ["subscriber"],
    help: "Messages handled for the first time after a later one of their aggregate, as far as one process can tell: their order was lost.",
  },
  "subscriber.dead_lettered": {
    kind: "counter",
    unit: "message",
    labels: ["subscriber"],
    help: "Messages moved to the dead-letter queue, because their handler kept failing or behind such a message of their group.",
  },
  "subscriber.in_flight": {
    kind: "gauge",
    unit: "delivery",
    labels: ["subscriber"],
    help: "Deliveries being handled now.",
  },
} as const satisfies Readonly<Record<string, Instrument>>;

/** A `counter` receives increments, a `level` increments and decrements, a `histogram` each value. */
export interface Instrument {
  readonly kind: "counter" | "gauge" | "histogram";
  /** `s`, or the counted thing in the singular. */
  readonly unit: string;
  readonly labels: readonly string[];
  /** Upper bounds. */
  readonly buckets?: readonly number[];
  readonly help: string;
}

export type MetricName = keyof typeof instruments;

export type MetricLabels<Name extends MetricName> = Readonly<
  Record<(typeof instruments)[Name]["labels"][number], string>
>;

/** Receives the library's measurements; `instruments` lists them. Called on hot paths. */
export interface Metrics {
  record<Name extends MetricName>(name: Name, value: number, labels: MetricLabels<Name>): void;
}

/** Swallows an adapter's errors: a failed measurement must not fail the commit or message. */
export function harmless(metrics: Metrics | undefined): Metrics {
  return {
    record: (name, value, labels) => {
      try {
        const recorded: unknown = metrics?.record(name, value, labels);
        if (recorded instanceof Promise) recorded.catch(() => undefined);
      } catch {
        // The adapter is what reports errors, and it has failed.
      }
    },
  };
}
