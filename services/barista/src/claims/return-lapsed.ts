import { ConcurrencyConflict, type Outbox } from "@doubleshot/messaging";
import type { Bar } from "../bar.ts";
import { lapse, saved, subjectOf, type Ticket } from "../ticket/ticket.ts";
import type { TicketNews } from "../ticket/ticket-news.ts";
import type { TicketStore } from "../ticket/ticket-store.ts";

/** Between two looks at the leases: what a lapsed ticket may wait longer, against a query for every claim. */
const secondsBetweenLooks = 1;

/** A look takes back this many; if it was not all, the next claim looks again at once. */
const ticketsPerLook = 100;

/**
 * Takes tickets back from baristas whose lease has ended. Nobody needs such a ticket before somebody asks for one, so
 * this runs when claims do, in every process, at most about once a second.
 */
export class ReturnLapsed {
  readonly #store: TicketStore;
  readonly #outbox: Outbox;
  readonly #bar: Bar;
  readonly #news: TicketNews;
  #nextLook = 0;

  constructor(store: TicketStore, outbox: Outbox, bar: Bar, news: TicketNews) {
    this.#store = store;
    this.#outbox = outbox;
    this.#bar = bar;
    this.#news = news;
  }

  /** Returns how many tickets went back to the line. */
  async ifDue(): Promise<number> {
    const now = this.#bar.now();
    const untilNextLook = this.#nextLook - now.getTime();
    // Longer than the interval: the clock has been set back, and no lease would lapse before it has caught up.
    if (untilNextLook > 0 && untilNextLook <= secondsBetweenLooks * 1000) return 0;
    this.#nextLook = now.getTime() + secondsBetweenLooks * 1000;
    const due = await this.#store.lapsed(this.#bar.name, now, ticketsPerLook);
    if (due.length === ticketsPerLook) this.#nextLook = 0;
    const returned = await Promise.all(due.map((ticket) => this.#takeBack(ticket, now)));
    return returned.filter(Boolean).length;
  }

  /**
   * Milliseconds until the next lease ends; Infinity when nothing is leased. Whoever waits for that looks when it has
   * passed, so the next look is due then, whenever the last one was.
   */
  async untilNext(): Promise<number> {
    const { tickets } = await this.#store.leased(this.#bar.name, { limit: 1 });
    const [first] = tickets;
    if (first?.status !== "STARTED") return Number.POSITIVE_INFINITY;
    const end = Date.parse(first.claim.leaseExpiresAt);
    this.#nextLook = Math.min(this.#nextLook, end);
    return Math.max(0, end - this.#bar.now().getTime()) + 1;
  }

  /**
   * Saved on the version that showed this token and this expiry: any finish, release, heartbeat or return by another
   * process in between has made a newer one, and then this lease is no longer ours to end.
   */
  async #takeBack(seen: Ticket, now: Date): Promise<boolean> {
    const decision = lapse(seen, now);
    if (decision.outcome === "kept") return false;
    try {
      await this.#outbox.commit({ aggregate: subjectOf(seen.id), save: this.#store.save(decision.ticket) });
      this.#news.changed("lapsed", saved(decision.ticket));
      return true;
    } catch (error) {
      if (error instanceof ConcurrencyConflict) return false;
      throw error;
    }
  }
}
