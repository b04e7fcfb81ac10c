import { type Logger, SharedPlaces } from "@doubleshot/service-kit";
import { type Hint, Sweep } from "@doubleshot/waiting";
import type { Bar } from "../bar.ts";
import type { TicketChanges } from "../ticket/ticket-changes.ts";
import type { TicketStore } from "../ticket/ticket-store.ts";
import type { CommitClaim } from "./commit-claim.ts";
import type { ReturnLapsed } from "./return-lapsed.ts";
import { AskingBarista, type Claimed, type ClaimRequest, crowdedOut, WaitingBaristas } from "./waiting-baristas.ts";
import { WaitingLine } from "./waiting-line.ts";

/** Tickets read beyond those that a round needs, because another process may be quicker to claim some. */
const spareTickets = 10;

/** Time between rounds for waiting baristas, in case the hint of a new ticket was lost. */
const sweepPauseMs = 2_000;

/** Another process counts as a rival for so long after it was seen to claim. */
const rivalMs = 1_000;

/** How many times more tickets a round reads with a rival, to choose from. */
const choiceWithRival = 4;

export interface ClaimTicketOptions {
  readonly store: Pick<TicketStore, "waiting" | "getMany">;
  readonly commitClaim: CommitClaim;
  readonly returnLapsed: ReturnLapsed;
  readonly bar: Bar;
  readonly changes: TicketChanges;
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
 * hint of another one, the end of a lease, or the sweep. A barista that asks during a round is in the next one.
 *
 * The line is an index that may be some milliseconds behind. So a ticket that a hint has named is read from the table
 * itself when the line has run out.
 *
 * Processes that claim at the same time read the same line and lose most tickets to each other. So a process takes random
 * tickets near the head while it has a rival: of 150 tickets, two processes lose about 40 instead of 100.
 */
export class ClaimTicket {
  readonly #options: ClaimTicketOptions;
  readonly #waiting = new WaitingBaristas();
  readonly #places: SharedPlaces;
  readonly #sweep: Sweep;
  /** Tickets that hints and changes have named since the last round began. */
  #hinted = new Set<string>();
  #asking: AskingBarista[] = [];
  #isServing = false;
  #rivalSeenAt = Number.NEGATIVE_INFINITY;
  #lost = 0;
  #isClosed = false;

  constructor(options: ClaimTicketOptions) {
    const { changes, log, maxBaristas } = options;
    this.#options = options;
    this.#places = new SharedPlaces(maxBaristas);
    this.#sweep = new Sweep({ task: () => this.#ask(this.#waiting.takeAll()), pauseMs: () => sweepPauseMs, log });
    changes.onChange(({ ticket }) => this.#addHints([ticket]));
    changes.onHints((hints) => {
      if (hints.some(({ status }) => status === "STARTED")) this.#rivalSeenAt = performance.now();
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
    const barista = new AskingBarista(request);
    const { caller = "" } = request;
    const place = this.#places.enter({ caller, onTaken: () => this.#waiting.crowdOut(barista) });
    if (place === undefined) return crowdedOut;
    this.#ask([barista]);
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
    this.#ask(this.#waiting.takeAll());
  }

  #ask(baristas: readonly AskingBarista[]): void {
    this.#asking.push(...baristas);
    if (!this.#isServing && this.#asking.length > 0) void this.#serve();
  }

  /** Never rejects: an error of a round goes to its baristas. */
  async #serve(): Promise<void> {
    this.#isServing = true;
    while (this.#asking.length > 0) {
      const baristas = this.#asking;
      this.#asking = [];
      await this.#round(baristas);
      // The baristas of the round have read the line before these tickets came.
      if (this.#hinted.size > 0) this.#asking.push(...this.#waiting.takeAll());
    }
    this.#isServing = false;
    await this.#planSweep();
  }

  async #round(baristas: readonly AskingBarista[]): Promise<void> {
    const hinted = [...this.#hinted];
    this.#hinted = new Set();
    const { store, bar, returnLapsed } = this.#options;
    try {
      await returnLapsed.ifDue();
      const limit = baristas.length * (this.#hasRival() ? choiceWithRival : 1) + spareTickets;
      const line = new WaitingLine({
        readPage: (after) => store.waiting(bar.name, { limit, ...(after === undefined ? {} : { after }) }),
        readHinted: () => store.getMany(hinted),
        choose: (count) => (this.#hasRival() ? Math.floor(Math.random() * count) : 0),
      });
      await Promise.all(baristas.map((barista) => this.#serveOne(barista, line).catch(barista.fail)));
    } catch (error) {
      for (const barista of baristas) barista.fail(error);
    }
  }

  async #serveOne(barista: AskingBarista, line: WaitingLine): Promise<void> {
    for (;;) {
      const ticket = await line.next(barista.request.gone);
      if (ticket === undefined) return this.#waiting.add(barista);
      const claimed = await this.#options.commitClaim.commit(ticket, barista.request.as);
      switch (claimed.outcome) {
        case "claimed":
          return barista.answer(claimed);
        case "token-used":
          line.putBack(ticket);
          return barista.answer(claimed);
        case "lost":
          this.#lost += 1;
          this.#rivalSeenAt = performance.now();
      }
    }
  }

  #hasRival(): boolean {
    return performance.now() - this.#rivalSeenAt < rivalMs;
  }

  async #planSweep(): Promise<void> {
    if (this.#waiting.size === 0) return this.#sweep.stop();
    const untilLapse = await this.#options.returnLapsed.untilNext().catch(() => Number.POSITIVE_INFINITY);
    if (this.#waiting.size > 0 && !this.#isServing) this.#sweep.start(untilLapse);
  }
}
