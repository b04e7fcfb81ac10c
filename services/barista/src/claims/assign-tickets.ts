import { type Logger, SharedPlaces } from "@doubleshot/service-kit";
import { type Hint, Sweep } from "@doubleshot/waiting";
import type { BarSettings } from "../bar-settings.ts";
import type { TicketNotifier } from "../ticket/ticket-notifier.ts";
import type { TicketStore } from "../ticket/ticket-store.ts";
import type { CommitClaim } from "./commit-claim.ts";
import type { ReturnLapsedTickets } from "./return-lapsed-tickets.ts";
import { type Claimed, type ClaimRequest, crowdedOut, PendingClaim, WaitingBaristas } from "./waiting-baristas.ts";
import { WaitingTickets } from "./waiting-tickets.ts";

/** Tickets read beyond those that a round needs, because another process may be quicker to claim some. */
const spareTickets = 10;

/** Time between rounds for waiting baristas, in case the hint of a new ticket was lost. */
const sweepPauseMs = 2_000;

/** Claims count as contended for this time after another process was seen to claim. */
const contentionMs = 1_000;

/** How many times more tickets a round reads under contention, to choose from. */
const readFactorUnderContention = 4;

export interface AssignTicketsOptions {
  readonly store: Pick<TicketStore, "waiting" | "getMany">;
  readonly commitClaim: CommitClaim;
  readonly returnLapsed: ReturnLapsedTickets;
  readonly bar: BarSettings;
  readonly notifier: TicketNotifier;
  readonly log: Logger;
  /** Baristas that may be served, or wait, at once; callers share these places. */
  readonly maxBaristas: number;
}

/**
 * Claims tickets for baristas in rounds, one round at a time in a process:
 * 1. return lapsed tickets to the line, if a check is due;
 * 2. read the line once for all baristas of the round;
 * 3. give each barista the next ticket whose claim commits. Two baristas of one process never try for the same ticket. Of
 *    two processes that try for one, the ticket's version lets one commit; the other takes the next ticket.
 *
 * A barista without a ticket waits, and is in a round again when a ticket comes to the line: a change of this process, a
 * hint of another one, the end of a lease, or the sweep. A request that comes during a round is in the next one.
 *
 * The line is an index that may be some milliseconds behind. So a ticket that a hint has named is read from the table
 * itself when the line has run out.
 *
 * Processes that claim at the same time read the same line and lose most tickets to each other. So a process takes random
 * tickets near the head while claims are contended: of 150 tickets, two processes lose about 40 instead of 100.
 */
export class AssignTickets {
  readonly #options: AssignTicketsOptions;
  readonly #waiting = new WaitingBaristas();
  readonly #places: SharedPlaces;
  readonly #sweep: Sweep;
  /** Tickets that hints and changes have named since the last round began. */
  #hinted = new Set<string>();
  #pending: PendingClaim[] = [];
  #isServing = false;
  #contentionSeenAt = Number.NEGATIVE_INFINITY;
  #lost = 0;
  #isClosed = false;

  constructor(options: AssignTicketsOptions) {
    const { notifier, log, maxBaristas } = options;
    this.#options = options;
    this.#places = new SharedPlaces(maxBaristas);
    this.#sweep = new Sweep({ task: () => this.#enqueue(this.#waiting.takeAll()), pauseMs: () => sweepPauseMs, log });
    notifier.onChange(({ ticket }) => this.#addHints([ticket]));
    notifier.onHints((hints) => {
      if (hints.some(({ status }) => status === "STARTED")) this.#contentionSeenAt = performance.now();
      this.#addHints(hints);
    });
  }

  /** Baristas that wait for a ticket. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Claims that another process was quicker to commit, since the process started. */
  get lost(): number {
    return this.#lost;
  }

  /** Claims the ticket at the head of the line. @throws Errors of the read of the line, or of the commit. */
  async claim(request: ClaimRequest): Promise<Claimed> {
    if (this.#isClosed) return { outcome: "turned-away", reason: "closing" };
    const barista = new PendingClaim(request);
    const { caller = "" } = request;
    const place = this.#places.enter({ caller, onTaken: () => this.#waiting.crowdOut(barista) });
    if (place === undefined) return crowdedOut;
    this.#enqueue([barista]);
    try {
      return await barista.claimed;
    } finally {
      place.leave();
    }
  }

  /** Answers waiting baristas with nothing, and turns away those that come from now on. */
  close(): void {
    this.#isClosed = true;
    this.#sweep.stop();
    this.#waiting.close();
  }

  #addHints(hints: readonly Hint[]): void {
    // Without waiting baristas, the next round reads the line anyway.
    if (this.#waiting.size === 0 && !this.#isServing) return;
    const queued = hints.filter(({ status }) => status === undefined || status === "QUEUED");
    if (queued.length === 0) return;
    for (const { id } of queued) this.#hinted.add(id);
    this.#enqueue(this.#waiting.takeAll());
  }

  #enqueue(baristas: readonly PendingClaim[]): void {
    this.#pending.push(...baristas);
    if (!this.#isServing && this.#pending.length > 0) void this.#serve();
  }

  /** Never rejects: an error of a round goes to its baristas. */
  async #serve(): Promise<void> {
    this.#isServing = true;
    while (this.#pending.length > 0) {
      const baristas = this.#pending;
      this.#pending = [];
      await this.#round(baristas);
      // The baristas of the round have read the line before these tickets came.
      if (this.#hinted.size > 0) this.#pending.push(...this.#waiting.takeAll());
    }
    this.#isServing = false;
    await this.#planSweep();
  }

  async #round(baristas: readonly PendingClaim[]): Promise<void> {
    const hinted = [...this.#hinted];
    this.#hinted = new Set();
    const { store, bar, returnLapsed } = this.#options;
    try {
      await returnLapsed.ifDue();
      const limit = baristas.length * (this.#isContended() ? readFactorUnderContention : 1) + spareTickets;
      const line = new WaitingTickets({
        readPage: (after) => store.waiting(bar.name, { limit, ...(after === undefined ? {} : { after }) }),
        readHinted: () => store.getMany(hinted),
        choose: (count) => (this.#isContended() ? Math.floor(Math.random() * count) : 0),
      });
      await Promise.all(baristas.map((barista) => this.#serveOne(barista, line).catch(barista.fail)));
    } catch (error) {
      for (const barista of baristas) barista.fail(error);
    }
  }

  async #serveOne(barista: PendingClaim, line: WaitingTickets): Promise<void> {
    for (;;) {
      const ticket = await line.next(barista.request.gone);
      if (ticket === undefined) return this.#waiting.add(barista);
      const claimed = await barista.inContext(() => this.#options.commitClaim.commit(ticket, barista.request.as));
      switch (claimed.outcome) {
        case "claimed":
          return barista.answer(claimed);
        case "token-used":
          line.putBack(ticket);
          return barista.answer(claimed);
        case "lost":
          this.#lost += 1;
          this.#contentionSeenAt = performance.now();
      }
    }
  }

  #isContended(): boolean {
    return performance.now() - this.#contentionSeenAt < contentionMs;
  }

  async #planSweep(): Promise<void> {
    if (this.#waiting.size === 0) return this.#sweep.stop();
    const untilLapse = await this.#options.returnLapsed.untilNext().catch(() => Number.POSITIVE_INFINITY);
    if (this.#waiting.size > 0 && !this.#isServing) this.#sweep.start(untilLapse);
  }
}
