import { fromWire, type PendingEvent, toWire, withContext } from "../../events/index.ts";
import { outboxRow } from "../../outbox/index.ts";
import { realClock } from "../../runtime/index.ts";
import type { Settlement, Subscriber } from "../../subscriber/index.ts";

export interface DeliverOptions {
  /** The aggregate that the event is about, such as `order#42`. */
  readonly subject: string;
  /** Default `/test`. */
  readonly source?: string;
  /** The event's id. Default a new one; give the same one twice to see what a duplicate does. */
  readonly id?: string;
  /** RFC 3339: when it was committed. Default now. */
  readonly time?: string;
  /** Version of the aggregate that the event made. Default 1. */
  readonly version?: number;
  /** Default the event's id, as at the beginning of a story. */
  readonly correlationId?: string;
  /** Default 1. */
  readonly receiveCount?: number;
}

const oneDay = 24 * 60 * 60;

/**
 * Hands a subscriber one event, as a queue would after another service's commit and relay, and says how it ended.
 *
 * ```ts
 * const { outcome } = await deliver(readers, Noted({ text: "milk" }), { subject: "note#1" });
 * ```
 *
 * @throws InvalidEventData when the event does not match its schema, and whatever `subscriber.handle` throws.
 */
export async function deliver(
  subscriber: Subscriber,
  event: PendingEvent,
  options: DeliverOptions,
): Promise<Settlement> {
  const { source = "/test", version = 1, receiveCount = 1 } = options;
  return subscriber.handle({
    body: await message(event, { ...options, source, version }),
    receiveCount,
    sentAt: Date.now(),
  });
}

/** The event as its commit would have written it into the outbox, but for what the options say. */
async function message(
  event: PendingEvent,
  { subject, source, version, id, time, correlationId }: DeliverOptions & { source: string; version: number },
): Promise<string> {
  const written = () =>
    outboxRow([event], { source, aggregate: subject, version, clock: realClock, retentionSeconds: oneDay });
  const { events } = await (correlationId === undefined ? written() : withContext({ correlationId }, written));
  const envelope = fromWire(events[0]?.json ?? "");
  const correlationid = correlationId ?? id ?? envelope.correlationid;
  return toWire({
    ...envelope,
    correlationid,
    ...(id === undefined ? {} : { id }),
    ...(time === undefined ? {} : { time }),
  });
}
