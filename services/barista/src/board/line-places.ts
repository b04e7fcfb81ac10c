import type { Bar } from "../bar.ts";
import type { FinishedTicket, Ticket } from "../ticket/ticket.ts";
import { rowOf } from "../ticket/ticket-row.ts";
import type { Page, TicketStore } from "../ticket/ticket-store.ts";

export interface LinePlace {
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
  /** Tickets that baristas hold. */
  readonly held: number;
  /** Half of the recent brews took longer. Undefined where the next ones cannot be foretold. */
  readonly brewMs: number | undefined;
}

/** A page of tickets is some 100 KB, which DynamoDB bills as 13 reads. */
const pageSize = 250;
const maxPages = 4;
export const maxCounted = pageSize * maxPages;
/** All callers of a process share one read of the line in this time. */
const maxAgeMs = 2_000;
const recentMs = 30 * 60 * 1_000;
const maxRecentBrews = 20;
/** Without a held ticket and without a finished one in this time, nobody is at the bar. */
const maxIdleMs = 10 * 60 * 1_000;
/** One coffee says little about the next one. */
const minRecentBrews = 3;

/**
 * Places of tickets in the line, for customers that wait. A caller costs one read of its ticket; the line is read once for
 * all callers of two seconds. The estimate takes the held tickets as the number of baristas: with `n` of them, `ahead`
 * tickets are `ahead / n` rounds, each of the median brew.
 */
export class LinePlaces {
  readonly #store: TicketStore;
  readonly #bar: Bar;
  #line: Promise<Line> | undefined;
  #readAt = 0;

  constructor(store: TicketStore, bar: Bar) {
    this.#store = store;
    this.#bar = bar;
  }

  /** Undefined for a ticket that does not exist. */
  async placeOf(id: string): Promise<LinePlace | undefined> {
    const ticket = await this.#store.get(id);
    if (ticket === undefined) return undefined;
    if (ticket.status !== "QUEUED") return { status: ticket.status };
    const { places, held, brewMs } = await this.#currentLine();
    const own = placeOf(ticket);
    const ahead = places.filter((place) => place < own).length;
    if (brewMs === undefined) return { status: ticket.status, ahead };
    return { status: ticket.status, ahead, estimateSeconds: Math.ceil(waitMs({ ahead, held, brewMs }) / 1_000) };
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
    const isStaffed = held.tickets.length > 0 || brews.some(isFresh);
    const brewMs = isStaffed ? medianOf(brews.map(brewMsOf)) : undefined;
    return { places: waiting.map(placeOf), held: held.tickets.length, brewMs };
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

  /** Voided tickets lie among the finished ones, so the first page may have none of them. */
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

function waitMs({ ahead, held, brewMs }: { ahead: number; held: number; brewMs: number }): number {
  const baristas = Math.max(1, held);
  const rounds = Math.floor(ahead / baristas) + 1;
  // The coffees in the making are half done, on the average.
  return (rounds + (held > 0 ? 0.5 : 0)) * brewMs;
}

const placeOf = (ticket: Ticket): string => String(rowOf(ticket).place);

const isFinished = (ticket: Ticket): ticket is FinishedTicket => ticket.status === "FINISHED";

const brewMsOf = ({ startedAt, finishedAt }: FinishedTicket): number =>
  Math.max(0, Date.parse(finishedAt) - Date.parse(startedAt));

function medianOf(values: readonly number[]): number | undefined {
  if (values.length < minRecentBrews) return undefined;
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)];
}

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
