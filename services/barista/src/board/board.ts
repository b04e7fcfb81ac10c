import type { Logger } from "@doubleshot/service-kit";
import type { Bar } from "../bar.ts";
import type { Ticket } from "../ticket/ticket.ts";
import type { TicketNews } from "../ticket/ticket-news.ts";
import type { TicketStore } from "../ticket/ticket-store.ts";
import { readBoard } from "./board-reading.ts";

/** Somebody who looks at the board. */
export interface Onlooker {
  /** A ticket as it is now; each time it has changed, though states in between may be skipped. Must not throw. */
  show(ticket: Ticket): void;
  /** The bar closes. */
  close(): void;
}

export interface Sight {
  /** All tickets on the board, or with `since` those that may have changed after that, the earliest change first. */
  readonly tickets: readonly Ticket[];
  /** Whether `since` tells nothing: too long ago, or ahead of all clocks. `tickets` are all there are, and what is not among them is gone. */
  readonly anew: boolean;
  leave(): void;
}

/** How long a ticket that is done stays on the board, and somebody may have been away without starting anew. */
const memoryMilliseconds = 10 * 60 * 1000;

/** Clocks of instances differ by less than this, and an index is behind by less. */
const marginMilliseconds = 10_000;

/** Between two readings of the table. Each reads all that is open, and what was done since the one before. */
const shortestSweep = 3_000;
const longestSweep = 60_000;
const sweepPerTicket = 10;

/**
 * What is going on at the bar, for whoever wants to look.
 *
 * The board is *dark* while nobody looks: it knows nothing and costs nothing. The first onlooker *lights* it: it listens
 * to the news, and reads the lanes of the table. From then on it is *lit*: a commit of this process is on it at once, one
 * of another instance when its hint has come and the ticket has been read, and whatever hints have missed is found by
 * reading the lanes every few seconds. A ticket is shown again only at a higher version than before, so nothing that is
 * late, doubled or out of order ever takes the board back. When the last onlooker has left, it is dark again.
 *
 * An onlooker gets all that is on the board and then what changes, with nothing in between: both happen in one
 * synchronous step. `asOf` is the moment up to which the board is complete: when the last reading began. What changed
 * before that, less a margin for clocks and indexes, has been shown to everybody who is still here.
 */
export class Board {
  readonly #store: TicketStore;
  readonly #bar: Bar;
  readonly #log: Logger;
  readonly #tickets = new Map<string, Ticket>();
  readonly #onlookers = new Set<Onlooker>();
  #lighting: Promise<void> | undefined;
  #wanted = 0;
  #asOf = new Date(0);
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor({ store, bar, news, log }: { store: TicketStore; bar: Bar; news: TicketNews; log: Logger }) {
    this.#store = store;
    this.#bar = bar;
    this.#log = log;
    news.onChange(({ ticket }) => this.#put([ticket]));
    news.onHints((hints) => void this.#look(hints.map(({ id }) => id)));
  }

  get onlookers(): number {
    return this.#onlookers.size;
  }

  /** The board is complete up to then; to be given as `since` by who comes back. */
  get asOf(): Date {
    return this.#asOf;
  }

  /**
   * Begins to look at the board, until `leave`. `begin` is called when the board is lit, and what it returns is shown
   * everything that changes after the sight it was given. @throws what kept the table from being read.
   */
  async look(since: Date | undefined, begin: (sight: Sight) => Onlooker): Promise<void> {
    this.#wanted += 1;
    try {
      this.#lighting ??= this.#light();
      await this.#lighting;
    } catch (error) {
      this.#leave();
      throw error;
    }
    let onlooker: Onlooker | undefined;
    let gone = false;
    const leave = () => {
      if (gone) return;
      gone = true;
      if (onlooker) this.#onlookers.delete(onlooker);
      this.#leave();
    };
    onlooker = begin({ ...this.#sight(since), leave });
    if (!gone) this.#onlookers.add(onlooker);
    if (this.#closed) onlooker.close();
  }

  /** Sends all onlookers home. */
  close(): void {
    this.#closed = true;
    for (const onlooker of this.#onlookers) onlooker.close();
  }

  #sight(since: Date | undefined): { tickets: Ticket[]; anew: boolean } {
    const tickets = [...this.#tickets.values()].sort((one, other) => changedAt(one) - changedAt(other));
    const now = this.#bar.now().getTime();
    const from = (since?.getTime() ?? 0) - marginMilliseconds;
    // A point further ahead than clocks differ was never given out, or by a clock that was wrong.
    const isOurs = from >= now - memoryMilliseconds && from <= now;
    if (!isOurs) return { tickets, anew: true };
    return { tickets: tickets.filter((ticket) => mayHaveChangedAfter(ticket, from)), anew: false };
  }

  async #light(): Promise<void> {
    try {
      await this.#read();
    } catch (error) {
      this.#lighting = undefined;
      throw error;
    }
    this.#planSweep();
  }

  #leave(): void {
    this.#wanted -= 1;
    if (this.#wanted > 0) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#lighting = undefined;
    this.#tickets.clear();
    this.#asOf = new Date(0);
  }

  #planSweep(): void {
    clearTimeout(this.#timer);
    if (this.#wanted === 0) return;
    const pause = Math.min(longestSweep, Math.max(shortestSweep, this.#tickets.size * sweepPerTicket));
    this.#timer = setTimeout(() => void this.#sweep(), pause * (0.75 + Math.random() / 2));
  }

  async #sweep(): Promise<void> {
    try {
      await this.#read();
    } catch (error) {
      this.#log.warn({ err: error }, "the board could not be read; it is shown as it was");
    }
    this.#planSweep();
  }

  async #read(): Promise<void> {
    const now = this.#bar.now();
    const oldest = now.getTime() - memoryMilliseconds;
    // What was done before the last reading began is on the board already.
    const from = new Date(Math.max(oldest, this.#asOf.getTime() - marginMilliseconds));
    const tickets = await readBoard(this.#store, this.#bar.name, { from, now });
    if (this.#wanted === 0) return;
    const met = new Set(tickets.map(({ id }) => id));
    const missed = [...this.#tickets.values()].filter((ticket) => !isDone(ticket) && !met.has(ticket.id));
    this.#put(tickets);
    // Done long ago, or going round while the lanes were read: the table itself knows.
    this.#put(await this.#store.getMany(missed.map(({ id }) => id)));
    for (const [id, ticket] of this.#tickets) {
      if (isDone(ticket) && changedAt(ticket) < oldest) this.#tickets.delete(id);
    }
    this.#asOf = now;
  }

  /** Reads the tickets of which there was a hint. Never throws: the next sweep finds what it could not read. */
  async #look(ids: readonly string[]): Promise<void> {
    if (this.#wanted === 0) return;
    try {
      this.#put(await this.#store.getMany([...new Set(ids)]));
    } catch (error) {
      this.#log.warn({ err: error, tickets: ids.length }, "tickets could not be read for the board");
    }
  }

  #put(tickets: readonly Ticket[]): void {
    if (this.#wanted === 0) return;
    for (const ticket of tickets) {
      const known = this.#tickets.get(ticket.id);
      if (ticket.bar !== this.#bar.name || (known !== undefined && known.version >= ticket.version)) continue;
      this.#tickets.set(ticket.id, ticket);
      for (const onlooker of this.#onlookers) onlooker.show(ticket);
    }
  }
}

function isDone({ status }: Ticket): boolean {
  return status === "FINISHED" || status === "VOIDED";
}

/** When the ticket got the status it has, in epoch milliseconds; of one that went back to the line, when it first came. */
function changedAt(ticket: Ticket): number {
  switch (ticket.status) {
    case "QUEUED":
      return Date.parse(ticket.queuedAt);
    case "STARTED":
      return Date.parse(ticket.claim.startedAt);
    case "FINISHED":
      return Date.parse(ticket.finishedAt);
    case "VOIDED":
      return Date.parse(ticket.voidedAt);
  }
}

/** When a ticket went back to the line is not on record, so that may have been at any time. */
function mayHaveChangedAfter(ticket: Ticket, time: number): boolean {
  return (ticket.status === "QUEUED" && ticket.version > 1) || changedAt(ticket) >= time;
}
