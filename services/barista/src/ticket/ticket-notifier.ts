import type { Hint } from "@doubleshot/waiting";
import type { Ticket } from "./ticket.ts";

/** A change that this process committed. */
export interface TicketChange {
  /** The outcome of the aggregate's decision, such as `queued` or `claimed`. */
  readonly outcome: string;
  /** The ticket as it is in the table now. */
  readonly ticket: Ticket;
}

type Listener<Event> = (event: Event) => void;

/**
 * Notifies the parts of this process of ticket changes: its own commits, and the hints of other instances. A hint may be
 * lost, so each part that listens also reads the table from time to time. Events go through the outbox instead.
 */
export class TicketNotifier {
  readonly #onChange = new Set<Listener<TicketChange>>();
  readonly #onHints = new Set<Listener<readonly Hint[]>>();

  /** Call it after the commit. */
  changed(change: TicketChange): void {
    for (const listener of this.#onChange) listener(change);
  }

  hinted(hints: readonly Hint[]): void {
    for (const listener of this.#onHints) listener(hints);
  }

  /** The listener must not throw. */
  onChange(listener: Listener<TicketChange>): void {
    this.#onChange.add(listener);
  }

  /** The listener must not throw. */
  onHints(listener: Listener<readonly Hint[]>): void {
    this.#onHints.add(listener);
  }
}
