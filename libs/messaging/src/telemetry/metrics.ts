/**
 * What the library counts and measures. An adapter needs no more than this table: it makes of each row what its system
 * has for it, and an instrument that is added here appears everywhere.
 *
 * Names are dotted as OpenTelemetry has them; adapters turn them into what is usual where they go. Durations
 * are in seconds. No label holds an id, an event type or anything else of which there could be many.
 */
export const instruments = {
  "outbox.commit.duration": {
    kind: "histogram",
    unit: "s",
    labels: ["source", "outcome"],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    help: "How long commits took, retries included, by outcome: committed, duplicate, refused, conflict, unknown, failed.",
  },
  "relay.lag": {
    kind: "histogram",
    unit: "s",
    labels: ["source"],
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600],
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
  "relay.published": { kind: "counter", unit: "event", labels: ["source"], help: "Events that SNS took." },
  "relay.refused": { kind: "counter", unit: "event", labels: ["source"], help: "Events that SNS refused, each time." },
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
    help: "Events left at the end of an invocation, for the stream to bring again. A row that cannot be read counts as one.",
  },
  "relay.parked": {
    kind: "counter",
    unit: "row",
    labels: ["source"],
    help: "Outbox rows parked, because SNS will never take them or behind one it will not.",
  },
  "subscriber.lag": {
    kind: "histogram",
    unit: "s",
    labels: ["subscriber"],
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600],
    help: "From a message's arrival in the queue to its effect: that of messages handled for the first time.",
  },
  "subscriber.process.duration": {
    kind: "histogram",
    unit: "s",
    labels: ["subscriber", "outcome"],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    help: "How long deliveries took, by outcome: committed, duplicate, ignored, unknown, and failed or outage for those that come again.",
  },
  "subscriber.retries": {
    kind: "counter",
    unit: "delivery",
    labels: ["subscriber"],
    help: "Deliveries of messages that the queue had handed out before.",
  },
  "subscriber.conflicts": {
    kind: "counter",
    unit: "conflict",
    labels: ["subscriber"],
    help: "Handlers run again because somebody else had committed in between.",
  },
  "subscriber.regressions": {
    kind: "counter",
    unit: "message",
    labels: ["subscriber"],
    help: "Messages handled for the first time after a later one of their aggregate, as far as one process can tell: order was lost on the way.",
  },
  "subscriber.dead_lettered": {
    kind: "counter",
    unit: "message",
    labels: ["subscriber"],
    help: "Messages moved to the dead-letter queue, because their handler kept failing or behind one of their group.",
  },
  "subscriber.in_flight": {
    kind: "level",
    unit: "delivery",
    labels: ["subscriber"],
    help: "Deliveries being handled now.",
  },
} as const satisfies Readonly<Record<string, Instrument>>;

/** A `counter` is given what is added, a `level` what is added or taken away, a `histogram` each value. */
export interface Instrument {
  readonly kind: "counter" | "level" | "histogram";
  /** `s`, or the singular of what is counted. */
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

/** Where the library reports what it counts and measures; `instruments` says what there is. Called on hot paths. */
export interface Metrics {
  record<Name extends MetricName>(name: Name, value: number, labels: MetricLabels<Name>): void;
}

/** Whatever becomes of a measurement, it must not become of the commit or message that was measured. */
export function harmless(metrics: Metrics | undefined): Metrics {
  return {
    record: (name, value, labels) => {
      try {
        const recorded: unknown = metrics?.record(name, value, labels);
        if (recorded instanceof Promise) recorded.catch(() => undefined);
      } catch {
        // There is nobody to tell: who reports troubles is what has failed.
      }
    },
  };
}
