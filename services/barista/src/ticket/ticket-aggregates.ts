import { Aggregates } from "@doubleshot/aggregates";
import type { Outbox } from "@doubleshot/messaging";
import { subjectOf, type Ticket } from "./ticket.ts";
import type { TicketNotifier } from "./ticket-notifier.ts";
import type { TicketStore } from "./ticket-store.ts";

export interface TicketAggregatesParts {
  readonly outbox: Outbox;
  readonly store: TicketStore;
  readonly notifier: TicketNotifier;
}

/** How tickets are loaded, committed and notified. */
export class TicketAggregates extends Aggregates<Ticket> {
  constructor({ outbox, store, notifier }: TicketAggregatesParts) {
    super({
      outbox,
      store,
      nameOf: subjectOf,
      contextOf: ({ correlationId, traceparent }) => ({ correlationId, ...(traceparent && { traceparent }) }),
      onCommitted: ({ outcome, state }) => notifier.changed({ outcome, ticket: state }),
      // The next change to a ticket that a barista holds, most often its finish, usually comes to the same process.
      keeps: ({ status }) => status === "STARTED",
    });
  }
}
