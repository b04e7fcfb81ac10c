import { Aggregates } from "@doubleshot/aggregates";
import type { Outbox } from "@doubleshot/messaging";
import { subjectOf, type Ticket } from "./ticket.ts";
import type { TicketChanges } from "./ticket-notifier.ts";
import type { TicketStore } from "./ticket-store.ts";

export interface TicketsParts {
  readonly outbox: Outbox;
  readonly store: TicketStore;
  readonly changes: TicketChanges;
}

/** How tickets are loaded, committed and notified. */
export class Tickets extends Aggregates<Ticket> {
  constructor({ outbox, store, changes }: TicketsParts) {
    super({
      outbox,
      store,
      nameOf: subjectOf,
      contextOf: ({ correlationId, traceparent }) => ({ correlationId, ...(traceparent && { traceparent }) }),
      onCommitted: ({ outcome, state }) => changes.changed({ outcome, ticket: state }),
      // The next change to a ticket that a barista holds, most often its finish, usually comes to the same process.
      keeps: ({ status }) => status === "STARTED",
    });
  }
}
