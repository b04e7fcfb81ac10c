import { ConcurrencyConflictError } from "@doubleshot/messaging";
import type { BarSettings } from "../bar-settings.ts";
import { lapse, type Ticket } from "../ticket/ticket.ts";
import type { TicketAggregates } from "../ticket/ticket-aggregates.ts";
import type { TicketStore } from "../ticket/ticket-store.ts";

/** The pause between two checks of the leases: a lapsed ticket waits longer by it, and each claim would cost a query without it. */
const checkPauseMs = 1_000;

/** A check returns at most this many tickets; if there were more, the next claim checks again at once. */
const maxTicketsPerCheck = 100;

/**
 * Returns tickets to the line whose lease has ended. A lapsed ticket is needed when a barista asks for one, so the check
 * runs with claims, in every process, about once a second.
 */
export class ReturnLapsedTickets {
  readonly #tickets: TicketAggregates;
  readonly #store: TicketStore;
  readonly #bar: BarSettings;
  /** Epoch milliseconds. */
  #nextCheckAt = 0;

  constructor(tickets: TicketAggregates, store: TicketStore, bar: BarSettings) {
    this.#tickets = tickets;
    this.#store = store;
    this.#bar = bar;
  }

  /** Returns the number of tickets that went back to the line. */
  async ifDue(): Promise<number> {
    const now = this.#bar.now();
    const pauseMs = this.#nextCheckAt - now.getTime();
    // A longer pause means that the clock was set back; without this test no lease would lapse until it has caught up.
    if (pauseMs > 0 && pauseMs <= checkPauseMs) return 0;
    this.#nextCheckAt = now.getTime() + checkPauseMs;
    const due = await this.#store.lapsed(this.#bar.name, now, maxTicketsPerCheck);
    if (due.length === maxTicketsPerCheck) this.#nextCheckAt = 0;
    const returned = await Promise.all(due.map((ticket) => this.#return(ticket, now)));
    return returned.filter(Boolean).length;
  }

  /**
   * Milliseconds until the next lease ends; Infinity without leases. The next check is due then, whenever the last one was,
   * because the caller comes back at that time.
   */
  async untilNext(): Promise<number> {
    const { tickets } = await this.#store.leased(this.#bar.name, { limit: 1 });
    const [first] = tickets;
    if (first?.status !== "STARTED") return Number.POSITIVE_INFINITY;
    const end = Date.parse(first.claim.leaseExpiresAt);
    this.#nextCheckAt = Math.min(this.#nextCheckAt, end);
    return Math.max(0, end - this.#bar.now().getTime()) + 1;
  }

  /**
   * Commits on the version that was read. A finish, release, heartbeat or return in between has made a newer version, and
   * this lease must not be ended then.
   */
  async #return(ticket: Ticket, now: Date): Promise<boolean> {
    const decision = lapse(ticket, now);
    if (decision.outcome === "kept") return false;
    try {
      await this.#tickets.commit(decision);
      return true;
    } catch (error) {
      if (error instanceof ConcurrencyConflictError) return false;
      throw error;
    }
  }
}
