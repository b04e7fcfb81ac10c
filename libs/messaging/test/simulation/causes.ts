import type { MessageContext } from "../../src/events/context.ts";
import { type CommittedEvent, isLate } from "./observations.ts";

/** Every other request has a correlation id and a cause from elsewhere. */
export function contextOf(text: string): MessageContext | undefined {
  // The texts of a request's events begin alike: with the producer and the number of the step.
  const request = text.slice(0, 3);
  const isOdd = request.charCodeAt(2) % 2 === 1;
  return isOdd ? { correlationId: `story of ${request}`, causationId: `cause of ${request}` } : undefined;
}

/** Finds events whose correlation id or cause is not that of their request or message. */
export function* wrongCauses(events: readonly CommittedEvent[]): Generator<string> {
  for (const event of events) {
    const { correlationId, causationId } = expected(event, events);
    if (event.correlationId === correlationId && event.causationId === causationId) continue;
    yield `"${event.text}" of ${event.aggregate} belongs to ${event.correlationId} and was caused by ${event.causationId}, and should to ${correlationId} and by ${causationId}`;
  }
}

function expected(event: CommittedEvent, events: readonly CommittedEvent[]): Partial<MessageContext> {
  const { aggregate, version, text } = event;
  if (event.type === "Paged") {
    const cause = events.find((other) => `page#${other.aggregate}` === aggregate && other.text === text);
    return { ...(cause && { correlationId: cause.correlationId, causationId: cause.id }) };
  }
  const given = isLate(text) ? undefined : contextOf(text);
  if (given !== undefined) return given;
  // Without a context, the first event of a commit starts a correlation.
  const first = events.find((other) => other.aggregate === aggregate && other.version === version);
  return { ...(first && { correlationId: first.id }) };
}
