import { fromWire, type PendingEvent, toWire, withContext } from "../../events/index.ts";
import { outboxRow } from "../../outbox/index.ts";
import { realClock } from "../../runtime/index.ts";
import type { Settlement, Subscriber } from "../../subscriber/index.ts";

export interface DeliverOptions {
  /** The aggregate that the event is about, such as `order#42`. */
  readonly subject: string;
  /** Default `/test`. */
  readonly source?: string;
  /** The event's id. Default: a new one. With the same id twice, the second delivery is a duplicate. */
  readonly id?: string;
  /** RFC 3339: time of the commit. Default: now. */
  readonly time?: string;
  /** Version of the aggregate. Default 1. */
  readonly version?: number;
  /** Default: the event's id, as for the first event of a request. */
  readonly correlationId?: string;
  /** Default 1. */
  readonly receiveCount?: number;
}

const oneDay = 24 * 60 * 60;

/**
 * Delivers one event to a subscriber, as a queue does after a commit and a relay, and returns the settlement.
 *
 * ```ts
 * const { outcome } = await deliver(readers, Noted({ text: "milk" }), { subject: "note#1" });
 * ```
 *
 * @throws InvalidEventDataError when the event does not match its schema; the errors of `subscriber.handle`.
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

/** The event as a commit writes it into the outbox, with the options applied. */
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
