import { type Outbox, type PendingEvent, retryConflicts, withContext } from "@doubleshot/messaging";
import { saved, subjectOf, type Ticket } from "./ticket.ts";
import type { Change, TicketNews } from "./ticket-news.ts";
import type { TicketStore } from "./ticket-store.ts";
import type { TicketsInHand } from "./tickets-in-hand.ts";

/** What the aggregate has decided. */
interface Decided {
  readonly outcome: string;
  readonly ticket?: Ticket;
  readonly events?: readonly PendingEvent[];
}

/** What is to become of a ticket. */
export interface TicketPlan<Decision extends Decided> {
  readonly orderId: string;
  readonly decide: (ticket: Ticket) => Decision;
  /** The outcome that is committed. Any other changes nothing. */
  readonly commits: Decision["outcome"];
  /** What it is called in this process. */
  readonly news: Change;
}

export type Unknown = { readonly outcome: "unknown" };

/** Changes one ticket: its new state and its news in one commit, and then this process is told. Safe to repeat. */
export class ChangeTicket {
  readonly #store: TicketStore;
  readonly #outbox: Outbox;
  readonly #news: TicketNews;
  readonly #inHand: TicketsInHand;

  constructor(store: TicketStore, outbox: Outbox, news: TicketNews, inHand: TicketsInHand) {
    this.#store = store;
    this.#outbox = outbox;
    this.#news = news;
    this.#inHand = inHand;
  }

  /** What was decided, with the ticket as it is in the table then; `unknown` when there is no such ticket. */
  async change<Decision extends Decided>(plan: TicketPlan<Decision>): Promise<Decision | Unknown> {
    return retryConflicts<Ticket | undefined, Decision | Unknown, Decision | Unknown>(
      () => this.#load(plan),
      (ticket) => (ticket === undefined ? { outcome: "unknown" } : plan.decide(ticket)),
      async (decision) => {
        const { outcome, ticket, events }: Decided = decision;
        if (outcome !== plan.commits || ticket === undefined) return decision;
        await this.#commit(ticket, events);
        this.#news.changed(plan.news, saved(ticket));
        return { ...decision, ticket: saved(ticket) };
      },
    );
  }

  /** What would not be committed is decided on the table alone: nothing would tell that what is remembered is old. */
  async #load<Decision extends Decided>({
    orderId,
    decide,
    commits,
  }: TicketPlan<Decision>): Promise<Ticket | undefined> {
    const remembered = this.#inHand.take(orderId);
    if (remembered !== undefined && decide(remembered).outcome === commits) return remembered;
    return this.#store.get(orderId);
  }

  async #commit(ticket: Ticket, events: readonly PendingEvent[] | undefined): Promise<void> {
    const state = { aggregate: subjectOf(ticket.id), save: this.#store.save(ticket) };
    await withContext({ correlationId: ticket.correlationId }, () =>
      this.#outbox.commit(events === undefined ? state : { ...state, events }),
    );
  }
}
