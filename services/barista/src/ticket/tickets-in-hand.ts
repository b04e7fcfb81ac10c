import type { Ticket } from "./ticket.ts";
import type { Change, TicketNews } from "./ticket-news.ts";

/** Many more than the baristas of one process hold. Those given out first are forgotten first. */
const mostRemembered = 1_000;

const inHand: ReadonlySet<Change> = new Set(["claimed", "extended"]);

/**
 * Tickets in the hands of baristas, as this process has given them out: what comes next for such a one, most often its
 * finish, need not be read first. Another instance may have changed it meanwhile, of which its version tells at the
 * commit, and nothing else does.
 */
export class TicketsInHand {
  readonly #tickets = new Map<string, Ticket>();

  constructor(news: TicketNews) {
    news.onChange(({ what, ticket }) => {
      this.#tickets.delete(ticket.id);
      if (inHand.has(what)) this.#remember(ticket);
    });
    news.onHints((hints) => {
      for (const { id } of hints) this.#tickets.delete(id);
    });
  }

  /** The ticket, once: whoever has found it to be old will not find it again. */
  take(orderId: string): Ticket | undefined {
    const ticket = this.#tickets.get(orderId);
    this.#tickets.delete(orderId);
    return ticket;
  }

  #remember(ticket: Ticket): void {
    this.#tickets.set(ticket.id, ticket);
    if (this.#tickets.size <= mostRemembered) return;
    const [oldest = ""] = this.#tickets.keys();
    this.#tickets.delete(oldest);
  }
}
