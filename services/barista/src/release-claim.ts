import { type Outbox, retryConflicts } from "@doubleshot/messaging";
import { release, saved, subjectOf } from "./ticket.ts";
import type { TicketNews } from "./ticket-news.ts";
import type { TicketStore } from "./ticket-store.ts";

/** Gives a claimed ticket back to the line, at its old place, when its barista will not brew it. */
export class ReleaseClaim {
  readonly #store: TicketStore;
  readonly #outbox: Outbox;
  readonly #news: TicketNews;

  constructor(store: TicketStore, outbox: Outbox, news: TicketNews) {
    this.#store = store;
    this.#outbox = outbox;
    this.#news = news;
  }

  /** `kept`: this claim holds the ticket no longer (finished, lapsed or released before). `unknown`: there is no such order. */
  async release(claimed: { orderId: string; token: string }): Promise<"returned" | "kept" | "unknown"> {
    return retryConflicts(
      () => this.#store.get(claimed.orderId),
      (ticket) => (ticket === undefined ? ({ outcome: "unknown" } as const) : release(ticket, claimed.token)),
      async (decision) => {
        if (decision.outcome !== "returned") return decision.outcome;
        await this.#outbox.commit({
          aggregate: subjectOf(decision.ticket.id),
          save: this.#store.save(decision.ticket),
        });
        this.#news.changed("released", saved(decision.ticket));
        return "returned";
      },
    );
  }
}
