import type { Logger } from "@doubleshot/service-kit";
import { Sweep } from "@doubleshot/waiting";
import type { BarSettings } from "../bar-settings.ts";
import type { Ticket } from "../ticket/ticket.ts";
import type { TicketNotifier } from "../ticket/ticket-notifier.ts";
import type { TicketStore } from "../ticket/ticket-store.ts";
import { readBoard } from "./read-board.ts";
import { changedAt, isDone, mayHaveChangedAfter } from "./ticket-times.ts";

/** A client of the board. Its methods must not throw. */
export interface Viewer {
  /** Called with a ticket as it is now, after each change; states in between may be skipped. */
  show(ticket: Ticket): void;
  /** Called after each full read (the sweep): the viewer has seen all changes before `asOf`, less the margin. */
  current(): void;
  /** Called when the process closes. */
  close(): void;
}

export interface Snapshot {
  /** All tickets on the board, or with `since` those that may have changed after it, the earliest change first. */
  readonly tickets: readonly Ticket[];
  /** True when `since` is of no use: too long ago, or in the future. A ticket that is not in `tickets` is gone then. */
  readonly isReset: boolean;
  leave(): void;
}

/** Time for which a done ticket stays on the board. A viewer that was away for up to `marginMs` less needs no reset. */
const memoryMs = 10 * 60 * 1_000;

/** More than the clocks of instances differ by, and more than an index is behind. */
const marginMs = 10_000;

/** Time between two reads of the table. Each reads all open tickets, and those done since the one before. */
const minSweepPauseMs = 3_000;
const maxSweepPauseMs = 60_000;
const sweepPauseMsPerTicket = 10;

/**
 * Shows viewers the tickets of the bar, and their changes. Its states:
 * - idle     there is no viewer: the board holds nothing and reads nothing
 * - loading  the first viewer has come: the board reads the lanes of the table, and notes changes meanwhile
 * - loaded   a commit of this process is on the board at once. A change of another instance is on it when its hint has come
 *            and the ticket has been read; the sweep finds changes whose hint was lost. When the last viewer leaves, the
 *            board is idle again.
 *
 * A ticket is shown again only at a higher version, so a late, doubled or misordered change never turns the board back.
 *
 * A viewer gets all tickets on the board and then each change. It misses none, because both begin in one synchronous step.
 * `asOf` is the start of the last full read. Every viewer has seen the changes before it, less a margin for clocks and
 * indexes.
 */
export class Board {
  readonly #store: TicketStore;
  readonly #bar: BarSettings;
  readonly #log: Logger;
  readonly #sweep: Sweep;
  readonly #tickets = new Map<string, Ticket>();
  readonly #viewers = new Set<Viewer>();
  /** Viewers on the board or waiting for it to load. */
  #viewing = 0;
  #loading: Promise<void> | undefined;
  #asOf = new Date(0);
  #isClosed = false;

  constructor({
    store,
    bar,
    notifier,
    log,
  }: { store: TicketStore; bar: BarSettings; notifier: TicketNotifier; log: Logger }) {
    this.#store = store;
    this.#bar = bar;
    this.#log = log;
    const pauseMs = () =>
      Math.min(maxSweepPauseMs, Math.max(minSweepPauseMs, this.#tickets.size * sweepPauseMsPerTicket));
    this.#sweep = new Sweep({ task: () => this.#read(), pauseMs, log });
    notifier.onChange(({ ticket }) => this.#put([ticket]));
    notifier.onHints((hints) => void this.#readHinted(hints.map(({ id }) => id)));
  }

  get viewers(): number {
    return this.#viewers.size;
  }

  /**
   * Start of the last full read. Changes before it, less `marginMs`, are on the board. A viewer that comes back gives it as
   * `since`.
   */
  get asOf(): Date {
    return this.#asOf;
  }

  /** The time of the clock that the tickets' instants are from. */
  get now(): Date {
    return this.#bar.now();
  }

  /**
   * Shows the board to a viewer until `leave`. Calls `begin` once the board is loaded; the viewer that it returns gets each
   * change after the snapshot that it was given. @throws Errors of the table.
   */
  async view(since: Date | undefined, begin: (snapshot: Snapshot) => Viewer): Promise<void> {
    this.#viewing += 1;
    try {
      this.#loading ??= this.#load();
      await this.#loading;
    } catch (error) {
      this.#leave();
      throw error;
    }
    let viewer: Viewer | undefined;
    let hasLeft = false;
    const leave = () => {
      if (hasLeft) return;
      hasLeft = true;
      if (viewer) this.#viewers.delete(viewer);
      this.#leave();
    };
    viewer = begin({ ...this.#snapshot(since), leave });
    if (!hasLeft) this.#viewers.add(viewer);
    if (this.#isClosed) viewer.close();
  }

  /** Closes all viewers, and those that come from now on. */
  close(): void {
    this.#isClosed = true;
    for (const viewer of this.#viewers) viewer.close();
  }

  #snapshot(since: Date | undefined): Omit<Snapshot, "leave"> {
    const tickets = [...this.#tickets.values()].sort((one, other) => changedAt(one) - changedAt(other));
    const now = this.#bar.now().getTime();
    const from = (since?.getTime() ?? 0) - marginMs;
    // A `since` more than `marginMs` in the future did not come from a working instance.
    const isKnown = from >= now - memoryMs && from <= now;
    if (!isKnown) return { tickets, isReset: true };
    return { tickets: tickets.filter((ticket) => mayHaveChangedAfter(ticket, from)), isReset: false };
  }

  async #load(): Promise<void> {
    try {
      await this.#read();
    } catch (error) {
      this.#loading = undefined;
      throw error;
    }
    if (this.#viewing > 0) this.#sweep.start();
  }

  #leave(): void {
    this.#viewing -= 1;
    if (this.#viewing > 0) return;
    this.#sweep.stop();
    this.#loading = undefined;
    this.#tickets.clear();
    this.#asOf = new Date(0);
  }

  async #read(): Promise<void> {
    const now = this.#bar.now();
    const oldest = now.getTime() - memoryMs;
    // Tickets that were done before the last read began are on the board already.
    const from = new Date(Math.max(oldest, this.#asOf.getTime() - marginMs));
    const tickets = await readBoard(this.#store, this.#bar.name, { from, now });
    if (this.#viewing === 0) return;
    const foundIds = new Set(tickets.map(({ id }) => id));
    const missed = [...this.#tickets.values()].filter((ticket) => !isDone(ticket) && !foundIds.has(ticket.id));
    this.#put(tickets);
    // Done long ago, or moved between lanes during the read: read from the table itself.
    this.#put(await this.#store.getMany(missed.map(({ id }) => id)));
    if (this.#viewing === 0) return;
    for (const [id, ticket] of this.#tickets) {
      if (isDone(ticket) && changedAt(ticket) < oldest) this.#tickets.delete(id);
    }
    this.#asOf = now;
    for (const viewer of this.#viewers) viewer.current();
  }

  /** Never throws: the sweep finds a ticket that could not be read. */
  async #readHinted(ids: readonly string[]): Promise<void> {
    if (this.#viewing === 0) return;
    try {
      this.#put(await this.#store.getMany([...new Set(ids)]));
    } catch (error) {
      this.#log.warn({ err: error, tickets: ids.length }, "could not read changed tickets for the board");
    }
  }

  #put(tickets: readonly Ticket[]): void {
    if (this.#viewing === 0) return;
    for (const ticket of tickets) {
      const known = this.#tickets.get(ticket.id);
      if (ticket.bar !== this.#bar.name || (known !== undefined && known.version >= ticket.version)) continue;
      this.#tickets.set(ticket.id, ticket);
      for (const viewer of this.#viewers) viewer.show(ticket);
    }
  }
}
