import type { BarSettings } from "../bar-settings.ts";
import type { FinishedTicket, Ticket } from "../ticket/ticket.ts";
import { rowOf } from "../ticket/ticket-row.ts";
import type { Page, TicketStore } from "../ticket/ticket-store.ts";
import { type Pace, paceOf, waitMs } from "./brew-pace.ts";

export interface QueuePosition {
  readonly status: Ticket["status"];
  /** Tickets that baristas will take before this one. A place behind `maxCounted` tickets reads as `maxCounted`. */
  readonly ahead?: number;
  /** Seconds until it is finished, from recent brews. Absent if too few coffees were finished lately, or nobody brews. */
  readonly estimateSeconds?: number;
}

/** The line at one instant. */
interface Line {
  /** The sort keys of the waiting tickets, in their order. */
  readonly places: readonly string[];
  /** Whether a barista holds a ticket under a lease. */
  readonly isBrewing: boolean;
  /** Undefined where the next brews cannot be foretold. */
  readonly pace: Pace | undefined;
}

/** A page of tickets is some 100 KB, which DynamoDB bills as 13 reads. */
const pageSize = 250;
const maxPages = 4;
export const maxCounted = pageSize * maxPages;
/** All callers of a process share one read of the line for this time. */
const maxAgeMs = 2_000;
const recentMs = 30 * 60 * 1_000;
const maxRecentBrews = 20;
/** Without a held ticket and without a finished one in this time, nobody is at the bar. */
const maxIdleMs = 10 * 60 * 1_000;

/**
 * Positions of tickets in the line, for customers that wait. A caller costs one read of its ticket; the line is read once for
 * all callers of two seconds.
 */
export class QueuePositions {
  readonly #store: TicketStore;
  readonly #bar: BarSettings;
  #line: Promise<Line> | undefined;
  #readAt = 0;

  constructor(store: TicketStore, bar: BarSettings) {
    this.#store = store;
    this.#bar = bar;
  }

  /** Undefined for a ticket that does not exist. */
  async positionOf(id: string): Promise<QueuePosition | undefined> {
    const ticket = await this.#store.get(id);
    if (ticket === undefined) return undefined;
    if (ticket.status !== "QUEUED") return { status: ticket.status };
    const { places, isBrewing, pace } = await this.#currentLine();
    const own = placeOf(ticket);
    const ahead = places.filter((place) => place < own).length;
    if (pace === undefined) return { status: ticket.status, ahead };
    return { status: ticket.status, ahead, estimateSeconds: Math.ceil(waitMs(ahead, pace, isBrewing) / 1_000) };
  }

  #currentLine(): Promise<Line> {
    const now = this.#bar.now().getTime();
    const ageMs = now - this.#readAt;
    // The time of day may step back.
    if (this.#line !== undefined && ageMs >= 0 && ageMs < maxAgeMs) return this.#line;
    const line = this.#readLine(now);
    this.#line = line;
    this.#readAt = now;
    // The next caller reads again.
    line.catch(() => {
      if (this.#line === line) this.#line = undefined;
    });
    return line;
  }

  async #readLine(now: number): Promise<Line> {
    const { name } = this.#bar;
    const [waiting, held, brews] = await Promise.all([
      firstPages((cut) => this.#store.waiting(name, cut)),
      this.#store.leased(name, { limit: pageSize }),
      this.#recentBrews(now),
    ]);
    const isFresh = ({ finishedAt }: FinishedTicket) => now - Date.parse(finishedAt) < maxIdleMs;
    // A lapsed ticket stays in its lane until the next barista claims one.
    const isBrewing = held.tickets.some((ticket) => isLeased(ticket, now));
    const isStaffed = isBrewing || brews.some(isFresh);
    return { places: waiting.map(placeOf), isBrewing, pace: isStaffed ? paceOf(brews) : undefined };
  }

  /** The latest finished tickets. The hour before is read if this one has too few. */
  async #recentBrews(now: number): Promise<FinishedTicket[]> {
    const from = new Date(now - recentMs);
    const hours = [new Date(now), from];
    const brews: FinishedTicket[] = [];
    for (const at of hours.slice(0, hours[0]?.getUTCHours() === from.getUTCHours() ? 1 : 2)) {
      if (brews.length < maxRecentBrews) brews.push(...(await this.#finishedIn(at, from)));
    }
    return brews.slice(0, maxRecentBrews);
  }

  /** Voided tickets lie among the finished ones, so the first page may hold too few finished ones. */
  async #finishedIn(hour: Date, from: Date): Promise<FinishedTicket[]> {
    const finished: FinishedTicket[] = [];
    let cut: { limit: number; after?: Record<string, unknown> } = { limit: maxRecentBrews };
    for (let page = 0; page < maxPages && finished.length < maxRecentBrews; page++) {
      const { tickets, next } = await this.#store.done(this.#bar.name, hour, { from, ...cut });
      finished.push(...tickets.filter(isFinished));
      if (next === undefined) break;
      cut = { limit: pageSize, after: next };
    }
    return finished;
  }
}

const isLeased = (ticket: Ticket, now: number): boolean =>
  ticket.status === "STARTED" && Date.parse(ticket.claim.leaseExpiresAt) > now;

const placeOf = (ticket: Ticket): string => String(rowOf(ticket).place);

const isFinished = (ticket: Ticket): ticket is FinishedTicket => ticket.status === "FINISHED";

async function firstPages(
  read: (cut: { limit: number; after?: Record<string, unknown> }) => Promise<Page>,
): Promise<Ticket[]> {
  const tickets: Ticket[] = [];
  let after: Record<string, unknown> | undefined;
  for (let page = 0; page < maxPages; page++) {
    const { tickets: found, next } = await read({ limit: pageSize, ...(after && { after }) });
    tickets.push(...found);
    after = next;
    if (after === undefined) break;
  }
  return tickets;
}
