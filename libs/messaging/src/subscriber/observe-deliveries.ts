import type { Envelope } from "../events/index.ts";
import { type Clock, CommitOutcomeUnknownError, isOutage } from "../runtime/index.ts";
import { inSpan, linksTo, type Metrics } from "../telemetry/index.ts";
import type { Delivery, Settlement } from "./delivery.ts";
import { Regressions } from "./regressions.ts";

/** Receives the events of a handled delivery, beside its settlement. */
interface DeliveryObserver {
  /** Runs the handler inside a span, linked to the commit that created the message. */
  process(envelope: Envelope, work: () => Promise<Settlement>): Promise<Settlement>;
  /** The handler runs again. */
  conflict(): void;
}

type Handle = (delivery: Delivery, observer: DeliveryObserver) => Promise<Settlement>;

/** Measures deliveries to a subscriber, whether they end in a settlement or an error. */
export function observeDeliveries(subscriber: string, { metrics, clock }: { metrics: Metrics; clock: Clock }) {
  const regressions = new Regressions();
  const observer: DeliveryObserver = {
    process: async (envelope, work) => {
      const span = {
        name: "process" as const,
        destination: subscriber,
        attributes: about(envelope),
        links: linksTo(envelope),
      };
      const settlement = await inSpan(span, work);
      if (firstTime.has(settlement.outcome) && regressions.isOne(envelope)) {
        metrics.record("subscriber.regressions", 1, { subscriber });
      }
      return settlement;
    },
    conflict: () => metrics.record("subscriber.conflicts", 1, { subscriber }),
  };

  return (handle: Handle) =>
    async (delivery: Delivery): Promise<Settlement> => {
      const startedAt = clock.monotonic();
      const finished = (outcome: string) => {
        const seconds = (clock.monotonic() - startedAt) / 1000;
        metrics.record("subscriber.process.duration", seconds, { subscriber, outcome });
        metrics.record("subscriber.in_flight", -1, { subscriber });
      };
      metrics.record("subscriber.in_flight", 1, { subscriber });
      if (delivery.receiveCount > 1) metrics.record("subscriber.retries", 1, { subscriber });
      try {
        const settlement = await handle(delivery, observer);
        finished(settlement.outcome);
        // The lag may come out negative, because the queue's clock and this machine's differ.
        const lagSeconds = Math.max(0, clock.now() - delivery.sentAt) / 1000;
        if (firstTime.has(settlement.outcome)) metrics.record("subscriber.lag", lagSeconds, { subscriber });
        return settlement;
      } catch (error) {
        finished(isOutage(error) || error instanceof CommitOutcomeUnknownError ? "outage" : "failed");
        throw error;
      }
    };
}

const firstTime: ReadonlySet<Settlement["outcome"]> = new Set(["committed", "ignored"]);

function about({ id, type, source, subject, correlationid }: Envelope) {
  return {
    "messaging.message.id": id,
    "messaging.message.conversation_id": correlationid,
    "cloudevents.event_id": id,
    "cloudevents.event_source": source,
    "cloudevents.event_type": type,
    "cloudevents.event_subject": subject,
  };
}
