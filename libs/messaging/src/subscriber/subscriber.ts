import { type ClaimCheck, redeem } from "../claim-check/index.ts";
import { type Envelope, type EventDefinition, fromWire, withContext } from "../events/index.ts";
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
import { callback, checkOptions, claimCheckStore, having, optional, type Rule, type Rules } from "../runtime/index.ts";
import type { Delivery, Settlement } from "./delivery.ts";
import { handlerTimeout as allowedTimeout, withinTime } from "./handler-time.ts";
import { type Message, openMessage } from "./message.ts";
import { observeDeliveries } from "./observe-deliveries.ts";
import { subscriberName } from "./subscriber-name.ts";

/** What a handler does with one type of event. Made by `on`. */
export interface Subscription {
  readonly type: string;
  readonly handle: (arrival: Arrival) => Promise<Settled>;
}

interface Arrival {
  readonly envelope: Envelope;
  readonly record: InboxRecord;
  readonly outbox: Outbox;
  readonly givenUp: { check(): void };
  /** Told each time the handler runs again. */
  readonly onConflict: () => void;
}

export interface SubscriberOptions {
  /** Where to fetch data that was too large for its message. Default: the outbox's. */
  readonly claimCheck?: ClaimCheck;
  /**
   * Milliseconds after which a handler that has not settled its message is given up, which counts as a failure. Default
   * five minutes; for a Lambda consumer, less than the function's own timeout.
   */
  readonly handlerTimeout?: number;
}

export interface Subscriber {
  readonly name: string;
  /** The event types it handles. Others that reach it are acknowledged as `unknown`. */
  readonly types: readonly string[];
  /**
   * Handles one delivery. What it throws means that the message has not been handled: let the queue keep it.
   * @throws UnreadableMessage, MessageTooOld, InvalidEventData, ClaimCheckMissing, ClaimCheckUnreadable, HandlerTimedOut,
   * and whatever the handler throws.
   */
  handle(delivery: Delivery): Promise<Settlement>;
  /** A consumer with dead letters keeps the markers of blocked groups in it. */
  readonly inbox: Inbox;
  /** Told of each message that was moved to the dead-letter queue. */
  readonly onDeadLettered?: () => void;
}

/**
 * Binds a handler to a type of event. A `ConcurrencyConflict` thrown by the handler's commit makes it run again, so it
 * must load what it decides on inside.
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
    handle: ({ envelope, record, outbox, givenUp, onConflict }) =>
      retryConflicts(
        () => openMessage({ envelope, definition, record, outbox, givenUp }),
        (message) => message,
        handler,
        { clock: outbox[inboxed].clock, onConflict },
      ),
  };
}

/** For those that are given a subscriber. */
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
  handlerTimeout: optional(allowedTimeout),
};

/**
 * A subscriber handles each event once, however often it is delivered: what a handler commits goes into the same
 * transaction as its record in the inbox row `<name>#<event id>`, which can be written only once. Source and id together
 * make an event: the same id from another source is another event, with a record of its own in that row.
 * @throws TypeError naming the argument that is wrong, and what is allowed.
 */
export function subscriber(
  name: string,
  outbox: Outbox,
  subscriptions: readonly Subscription[],
  options: SubscriberOptions = {},
): Subscriber {
  checkOptions("subscriber", { name, outbox, subscriptions, ...options }, rules);
  const { claimCheck = outbox[inboxed].claimCheck, handlerTimeout = 5 * 60_000 } = options;
  const byType = new Map(subscriptions.map((subscription) => [subscription.type, subscription]));
  if (byType.size < subscriptions.length) {
    throw new TypeError(
      `Subscriber ${name} has two handlers for one type of event. One delivery can be committed once.`,
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
      refuseTooOld(envelope, outbox[inboxed].clock.now(), outbox[inboxed].retention);
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
          withinTime(type, { clock: outbox[inboxed].clock, limit: handlerTimeout }, (givenUp) =>
            subscription.handle({ envelope: whole, record, outbox, givenUp, onConflict: observer.conflict }),
          ),
        );
        return { outcome: await conclude(settled, record, outbox), id, type, subject };
      });
    }),
  };
}

/** Without types, a handler may return nothing, or a refusal: then its message is not settled. */
const outcomes: ReadonlySet<unknown> = new Set(["committed", "duplicate", "ignored"]);

/** A commit has recorded the message already; an ignored one is recorded here. */
async function conclude(settled: Settled, record: InboxRecord, outbox: Outbox): Promise<Settlement["outcome"]> {
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
