import { type ClaimCheck, redeem } from "../claim-check/index.ts";
import { type Envelope, type EventDefinition, fromWire, withContext } from "../events/index.ts";
import { callback, checkOptions, claimCheckStore, having, optional, type Rule, type Rules } from "../options/index.ts";
import {
  anOutbox,
  type Committed,
  type Duplicate,
  type Ignored,
  type Inbox,
  type InboxRecord,
  inboxed,
  inboxKey,
  type Outbox,
  refuseTooOld,
  retryConflicts,
  type Settled,
} from "../outbox/index.ts";
import type { Delivery, Settlement } from "./delivery.ts";
import { handlerTimeoutMs as allowedTimeout, type HandlerTime, withinTime } from "./handler-time.ts";
import { type Message, openMessage } from "./message.ts";
import { observeDeliveries } from "./observe-deliveries.ts";
import { subscriberName } from "./subscriber-name.ts";

/** A handler and its type of event. `on` makes it. */
export interface Subscription {
  readonly type: string;
  readonly handle: (arrival: Arrival) => Promise<Settled>;
}

interface Arrival {
  readonly envelope: Envelope;
  readonly record: InboxRecord;
  readonly outbox: Outbox;
  readonly handlerTime: HandlerTime;
  /** Called each time the handler runs again. */
  readonly onConflict: () => void;
}

export interface SubscriberOptions {
  /** Fetches data that was too large for its message. Default: the outbox's claim check. */
  readonly claimCheck?: ClaimCheck;
  /**
   * Milliseconds after which a handler that has not settled its message counts as failed. Default five minutes. For a Lambda
   * consumer, use less than the function's timeout.
   */
  readonly handlerTimeoutMs?: number;
}

export interface Subscriber {
  readonly name: string;
  /** The event types it handles. It acknowledges others as `unknown`. */
  readonly types: readonly string[];
  /**
   * Handles one delivery. If it throws, the message is not handled: keep it in the queue.
   * @throws UnreadableMessageError, MessageTooOldError, InvalidEventDataError, ClaimCheckMissingError, ClaimCheckUnreadableError, HandlerTimedOutError,
   * and the handler's errors.
   */
  handle(delivery: Delivery): Promise<Settlement>;
  /** A consumer with dead letters keeps the markers of blocked groups in it. */
  readonly inbox: Inbox;
  /** Called for each message that was moved to the dead-letter queue. */
  readonly onDeadLettered?: () => void;
}

/**
 * Binds a handler to a type of event. When its commit throws a `ConcurrencyConflictError`, the handler runs again, so it must load
 * its state itself.
 */
export function on<Type extends string, Data>(
  definition: EventDefinition<Type, Data>,
  handler: (message: Message<Data>) => Promise<Settled>,
): Subscription {
  checkOptions(
    "on",
    { event: definition, handler },
    { event: having("what defineEvent returns", "read"), handler: callback },
  );
  return {
    type: definition.type,
    handle: ({ envelope, record, outbox, handlerTime, onConflict }) =>
      retryConflicts(
        () => openMessage({ envelope, definition, record, outbox, handlerTime }),
        (message) => message,
        handler,
        { clock: outbox[inboxed].clock, onConflict },
      ),
  };
}

/** Checks an argument that must be a subscriber. */
export const aSubscriber = having("what subscriber returns", "handle");

const subscriptionList: Rule = {
  allowed: "an array of what `on` returns",
  holds: (value) => Array.isArray(value) && value.every(having("", "handle").holds),
};

const rules: Rules<SubscriberOptions & { name: string; outbox: Outbox; subscriptions: readonly Subscription[] }> = {
  name: subscriberName,
  outbox: anOutbox,
  subscriptions: subscriptionList,
  claimCheck: optional(claimCheckStore),
  handlerTimeoutMs: optional(allowedTimeout),
};

/**
 * A subscriber handles each event once, however often it is delivered. A handler's commit includes the event's record in the
 * inbox row `<name>#<event id>`, which can be written only once. Source and id together identify an event: the same id from
 * another source is another event, with its own record in that row.
 *
 * A delivery ends as one of:
 * - committed  the handler's commit took effect, with the record
 * - ignored    the handler ignored the message; only the record was written
 * - duplicate  the inbox has the record already; nothing was written
 * - unknown    no handler for the type; nothing was written
 * - failed     an error: nothing was written, and the message comes again
 * @throws TypeError naming the wrong argument and the values allowed.
 */
export function subscriber(
  name: string,
  outbox: Outbox,
  subscriptions: readonly Subscription[],
  options: SubscriberOptions = {},
): Subscriber {
  checkOptions("subscriber", { name, outbox, subscriptions, ...options }, rules);
  const { claimCheck = outbox[inboxed].claimCheck, handlerTimeoutMs = 5 * 60_000 } = options;
  const byType = new Map(subscriptions.map((subscription) => [subscription.type, subscription]));
  if (byType.size < subscriptions.length) {
    throw new TypeError(
      `Subscriber ${name} has two handlers for one type of event. Combine them, because a delivery can be committed once.`,
    );
  }
  const observed = observeDeliveries(name, outbox[inboxed]);
  return {
    name,
    types: [...byType.keys()],
    inbox: outbox[inboxed].inbox,
    onDeadLettered: () => outbox[inboxed].metrics.record("subscriber.dead_lettered", 1, { subscriber: name }),
    handle: observed(async (delivery, observer) => {
      const envelope = fromWire(delivery.body);
      const { id, type, source, subject, correlationid } = envelope;
      const subscription = byType.get(type);
      if (subscription === undefined) return { outcome: "unknown", id, type, subject };
      refuseTooOld(envelope, outbox[inboxed].clock.now(), outbox[inboxed].retentionSeconds);
      const record: InboxRecord = {
        message: inboxKey(name, id),
        type,
        source,
        publishedAt: new Date(delivery.sentAt).toISOString(),
        attempts: delivery.receiveCount,
      };
      return observer.process(envelope, async () => {
        const whole = await redeem(envelope, claimCheck);
        const settled = await withContext({ correlationId: correlationid, causationId: id }, () =>
          withinTime(type, { clock: outbox[inboxed].clock, limitMs: handlerTimeoutMs }, (handlerTime) =>
            subscription.handle({ envelope: whole, record, outbox, handlerTime, onConflict: observer.conflict }),
          ),
        );
        return { outcome: await recordOutcome(settled, record, outbox), id, type, subject };
      });
    }),
  };
}

/** Without type checks, a handler may return nothing or a refusal, which does not settle its message. */
const outcomes: ReadonlySet<unknown> = new Set(["committed", "duplicate", "ignored"]);

/** Records an ignored message. A commit has recorded its message already. */
async function recordOutcome(settled: Settled, record: InboxRecord, outbox: Outbox): Promise<Settlement["outcome"]> {
  const result = settled as Settled & (Committed | Duplicate | Ignored);
  if (!outcomes.has(result?.outcome)) {
    throw new TypeError(
      `The handler of ${record.type} did not settle its message: return message.commit(...) or ignore(reason).`,
    );
  }
  if (result.outcome !== "ignored") return result.outcome;
  const recorded = await outbox[inboxed].record({ ...record, ignored: result.reason });
  return recorded === "duplicate" ? "duplicate" : "ignored";
}
