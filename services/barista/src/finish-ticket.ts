import type { BrewResult } from "@doubleshot/contracts";
import { type Outbox, retryConflicts, withContext } from "@doubleshot/messaging";
import type { Bar } from "./bar.ts";
import { type FinishedTicket, finish, saved, subjectOf } from "./ticket.ts";
import type { TicketNews } from "./ticket-news.ts";
import type { TicketStore } from "./ticket-store.ts";

export interface Finish {
  readonly orderId: string;
  /** Only for the holder of this claim; left out, for whoever names the order. */
  readonly token?: string;
  readonly result?: BrewResult;
}

export type Finished =
  | { readonly outcome: "finished" | "finished-before"; readonly ticket: FinishedTicket }
  | { readonly outcome: "unknown" | "not-started" | "claimed-anew" | "voided" };

/** The order is ready: the ticket becomes FINISHED and the news of it goes out, in one commit. Safe to repeat. */
export class FinishTicket {
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

  async finish({ orderId, token, result }: Finish): Promise<Finished> {
    return retryConflicts(
      () => this.#store.get(orderId),
      (ticket) =>
        ticket === undefined
          ? ({ outcome: "unknown" } as const)
          : finish(ticket, {
              now: this.#bar.now(),
              ...(token === undefined ? {} : { token }),
              ...(result === undefined ? {} : { result }),
            }),
      async (decision): Promise<Finished> => {
        if (decision.outcome !== "finished") return decision;
        const { ticket, events } = decision;
        await withContext({ correlationId: ticket.correlationId }, () =>
          this.#outbox.commit({ aggregate: subjectOf(ticket.id), save: this.#store.save(ticket), events }),
        );
        this.#news.changed("finished", saved(ticket));
        return { outcome: "finished", ticket };
      },
    );
  }
}
