import type { Hint } from "@doubleshot/waiting";
import type { Ticket } from "./ticket.ts";

/** What became of a ticket. */
export type Change = "queued" | "claimed" | "extended" | "finished" | "lapsed" | "released" | "voided";

export interface TicketChange {
  readonly what: Change;
  /** As it lies in the table now. */
  readonly ticket: Ticket;
}

type Listener<News> = (news: News) => void;

/**
 * What this process hears of tickets: its own commits, and hints from other instances. It is never the news itself,
 * which goes through the outbox: whoever waits here also looks at the table now and then.
 */
export class TicketNews {
  readonly #changed = new Set<Listener<TicketChange>>();
  readonly #hinted = new Set<Listener<readonly Hint[]>>();

  /** Call it when the change is committed. Listeners must not throw. */
  changed(what: Change, ticket: Ticket): void {
    for (const listener of this.#changed) listener({ what, ticket });
  }

  hinted(hints: readonly Hint[]): void {
    for (const listener of this.#hinted) listener(hints);
  }

  onChange(listener: Listener<TicketChange>): void {
    this.#changed.add(listener);
  }

  onHints(listener: Listener<readonly Hint[]>): void {
    this.#hinted.add(listener);
  }
}
