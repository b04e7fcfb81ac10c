import { type Outbox, retryConflicts } from "@doubleshot/messaging";
import type { Bar } from "./bar.ts";
import { extend, type StartedTicket, saved, subjectOf } from "./ticket.ts";
import type { TicketNews } from "./ticket-news.ts";
import type { TicketStore } from "./ticket-store.ts";

export type Extended =
  | { readonly outcome: "extended"; readonly ticket: StartedTicket }
  | { readonly outcome: "unknown" | "lost" };

/** A barista's sign of life: the lease runs anew from now. There is no news in it, so no event. */
export class ExtendClaim {
  readonly #store: TicketStore;
  readonly #outbox: Outbox;
  readonly #bar: Bar;
  readonly #news: TicketNews;

  constructor(store: TicketStore, outbox: Outbox, bar: Bar, news: TicketNews) {
    this.#store = store;
    this.#outbox = outbox;
    this.#bar = bar;
    this.#news = news;
  }

  async extend(claimed: { orderId: string; token: string; leaseSeconds: number }): Promise<Extended> {
    return retryConflicts(
      () => this.#store.get(claimed.orderId),
      (ticket) =>
        ticket === undefined ? ({ outcome: "unknown" } as const) : extend(ticket, { ...claimed, now: this.#bar.now() }),
      async (decision): Promise<Extended> => {
        if (decision.outcome !== "extended") return decision;
        const { ticket } = decision;
        await this.#outbox.commit({ aggregate: subjectOf(ticket.id), save: this.#store.save(ticket) });
        this.#news.changed("extended", saved(ticket));
        return { outcome: "extended", ticket: saved(ticket) };
      },
    );
  }
}
