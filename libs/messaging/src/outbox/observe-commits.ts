import { SpanKind, trace } from "@opentelemetry/api";
import { currentContext } from "../events/index.ts";
import { type Clock, CommitOutcomeUnknownError, ConcurrencyConflictError } from "../runtime/index.ts";
import { inSpan, linksTo, type Metrics } from "../telemetry/index.ts";
import type { OutboxRow } from "./outbox-row.ts";

export interface CommitObservation {
  readonly source: string;
  /** The outbox table. */
  readonly table: string;
  readonly metrics: Metrics;
  readonly clock: Clock;
}

/** Measures each commit inside a span. The commit's messages carry the span's context. */
export function observeCommits({ source, table, metrics, clock }: CommitObservation) {
  return async <Result extends { readonly outcome: string }>(
    { events = [] }: { readonly events?: readonly unknown[] },
    work: () => Promise<Result>,
  ): Promise<Result> => {
    const startedAt = clock.monotonic();
    const finished = (outcome: string) => {
      const seconds = (clock.monotonic() - startedAt) / 1000;
      metrics.record("outbox.commit.duration", seconds, { source, outcome });
    };
    const operation = commitTo(table, source);
    return inSpan(events.length > 0 ? operation : { ...operation, kind: SpanKind.INTERNAL }, work).then(
      (result) => {
        finished(result.outcome);
        return result;
      },
      (error: unknown) => {
        finished(outcomeOf(error));
        throw error;
      },
    );
  };
}

function commitTo(table: string, source: string) {
  const context = currentContext();
  const conversation = context && { "messaging.message.conversation_id": context.correlationId };
  const attributes = { "cloudevents.event_source": source, ...conversation };
  return { name: "commit", destination: table, attributes, links: linksTo(context ?? {}) } as const;
}

/** Sets the id of the commit's message, or the number of its messages, on the commit's span. */
export function describeEvents({ events }: OutboxRow): void {
  const [first, ...others] = events;
  if (first === undefined) return;
  const one = { "messaging.message.id": first.id, "cloudevents.event_type": first.type };
  const several = { "messaging.batch.message_count": events.length };
  trace.getActiveSpan()?.setAttributes(others.length === 0 ? one : several);
}

function outcomeOf(error: unknown): string {
  if (error instanceof ConcurrencyConflictError) return "conflict";
  return error instanceof CommitOutcomeUnknownError ? "unknown" : "failed";
}
