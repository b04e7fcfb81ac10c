import { ConcurrencyConflict, type Outbox, OutboxAheadError, withContext } from "@doubleshot/messaging";
import { SharedPlaces } from "@doubleshot/service-kit";
import type { Hint } from "@doubleshot/waiting";
import type { Bar } from "../bar.ts";
import { claim, saved, subjectOf, type Ticket } from "../ticket/ticket.ts";
import type { TicketNews } from "../ticket/ticket-news.ts";
import type { TicketStore } from "../ticket/ticket-store.ts";
import { type ClaimRequests, orderIn } from "./claim-requests.ts";
import type { ReturnLapsed } from "./return-lapsed.ts";
import type { Rivals } from "./rivals.ts";
import { type Ask, type Asker, type Claimed, crowded, WaitingBaristas } from "./waiting-baristas.ts";
import { WaitingLine } from "./waiting-line.ts";

/** Tickets read beyond the number asked for, to pass by those another process was quicker to claim. */
const spareTickets = 10;

/** Between two looks at the line on behalf of waiting baristas, in case the hint of a new ticket got lost. */
const sweepMilliseconds = 2_000;

export interface ClaimTicketParts {
  readonly store: TicketStore;
  readonly outbox: Outbox;
  readonly requests: ClaimRequests;
  readonly returnLapsed: ReturnLapsed;
  readonly bar: Bar;
  readonly news: TicketNews;
  readonly rivals: Rivals;
  /** The most baristas to be served, or to wait, at once; callers share these places. */
  readonly most: number;
  /** Notified of a ticket that no commit can change, and that is passed by. */
  readonly onStuck?: (ticketId: string, error: OutboxAheadError) => void;
}

/*
 * Claims are served in rounds, one round at a time in a process. A barista who asks while a round runs is in the next
 * one. A round takes lapsed tickets back (if it is time to look), reads the line once for everybody in it, and gives
 * each barista the next ticket whose claim commits: two baristas of one process never try for the same ticket, and two
 * processes that do are told apart by the ticket's version, where the loser takes the next one.
 *
 * A barista for whom there is nothing waits, if they said so, and is in a round again when a ticket comes to the line:
 * one of this process (queued, released or lapsed), one that another instance hints at, one whose lease ends meanwhile,
 * and, since hints get lost, one that is found by looking every other second. When nobody waits, nobody looks.
 *
 * The line is an index that may be behind by some milliseconds, so a ticket that was just heard of may not be in it: such
 * a one is read from the table itself when the line has run out.
 */
export class ClaimTicket {
  readonly #parts: ClaimTicketParts;
  readonly #waiting = new WaitingBaristas();
  readonly #places: SharedPlaces;
  /** Tickets heard of since the last round began. */
  #heardOf = new Set<string>();
  #asking: Asker[] = [];
  #serving = false;
  #served: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #lost = 0;
  #closed = false;

  constructor(parts: ClaimTicketParts) {
    this.#parts = parts;
    this.#places = new SharedPlaces(parts.most);
    parts.news.onChange(({ ticket }) =>
      this.#hear([{ id: ticket.id, version: ticket.version, status: ticket.status }]),
    );
    parts.news.onHints((hints) => {
      parts.rivals.heard(hints);
      this.#hear(hints);
    });
  }

  /** Baristas who wait for a ticket. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Whether there is somebody to serve. */
  get busy(): boolean {
    return this.#serving || this.#waiting.size > 0;
  }

  /** Claims that another process was quicker to commit, since the process began. */
  get lost(): number {
    return this.#lost;
  }

  /** Gives the caller the ticket at the head of the line. @throws what kept the line from being read, or the commit from being made. */
  async claim(ask: Ask): Promise<Claimed> {
    if (this.#closed) return { outcome: "turned away", because: "closing" };
    const { promise, resolve: answer, reject: fail } = Promise.withResolvers<Claimed>();
    const asker: Asker = { ...ask, answer, fail };
    const place = this.#places.enter({ caller: ask.caller ?? "", onTaken: () => this.#waiting.crowdOut(asker) });
    if (place === undefined) return crowded;
    this.#waiting.arrives(asker);
    this.#ask([asker]);
    try {
      return await promise;
    } finally {
      place.leave();
    }
  }

  /** Resolves when everybody who asked has been served as far as can be; at once when nobody is being served. */
  async served(): Promise<void> {
    await this.#served;
  }

  /** Answers those who wait, with nothing; whoever comes from now on is turned away. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#waiting.close();
  }

  #hear(hints: readonly Hint[]): void {
    // Nobody has to be told of what a round that is yet to begin will see by itself.
    if (this.#waiting.size === 0 && !this.#serving) return;
    const queued = hints.filter(({ status }) => status === undefined || status === "QUEUED");
    if (queued.length === 0) return;
    for (const { id } of queued) this.#heardOf.add(id);
    this.#ask(this.#waiting.takeAll());
  }

  #ask(askers: readonly Asker[]): void {
    this.#asking.push(...askers);
    if (!this.#serving && this.#asking.length > 0) this.#served = this.#serve();
  }

  /** Never rejects: what goes wrong in a round reaches the baristas in it. */
  async #serve(): Promise<void> {
    this.#serving = true;
    while (this.#asking.length > 0) {
      const askers = this.#asking;
      this.#asking = [];
      await this.#round(askers);
      // Those in the round have read the line before these came.
      if (this.#heardOf.size > 0) this.#asking.push(...this.#waiting.takeAll());
    }
    this.#serving = false;
    void this.#planSweep();
  }

  async #round(askers: readonly Asker[]): Promise<void> {
    const heardOf = this.#heardOf;
    this.#heardOf = new Set();
    const { store, bar, returnLapsed, rivals } = this.#parts;
    try {
      await returnLapsed.ifDue();
      const preference = rivals.preference(askers.length);
      const limit = (preference?.among ?? askers.length) + spareTickets;
      const line = new WaitingLine(
        (after) => store.waiting(bar.name, { limit, ...(after === undefined ? {} : { after }) }),
        () => store.getMany([...heardOf]),
      );
      if (preference) line.prefer(preference);
      await Promise.all(askers.map((asker) => this.#next(line, asker, askers.length).catch(asker.fail)));
    } catch (error) {
      for (const asker of askers) asker.fail(error);
    }
  }

  async #next(line: WaitingLine, asker: Asker, baristas: number): Promise<void> {
    for (;;) {
      const ticket = await line.next(asker.signal);
      if (ticket === undefined) return this.#waiting.add(asker);
      const claimed = await this.#claim(ticket, asker);
      if (claimed === undefined) {
        const preference = this.#parts.rivals.preference(baristas);
        if (preference) line.prefer(preference);
        continue;
      }
      if (claimed.outcome === "token used") line.putBack(ticket);
      return asker.answer(claimed);
    }
  }

  /** `undefined`: somebody else was quicker, the index was behind, or the ticket is stuck. */
  async #claim(seen: Ticket, { as }: Asker): Promise<Claimed | undefined> {
    const { store, outbox, requests, bar, news, onStuck } = this.#parts;
    const now = bar.now();
    const decision = claim(seen, { token: crypto.randomUUID(), leaseSeconds: bar.leaseSeconds, ...as, now });
    if (decision.outcome === "not-waiting") return undefined;
    const { ticket, events } = decision;
    const commit = { aggregate: subjectOf(ticket.id), save: store.save(ticket), events };
    try {
      const result = await withContext({ correlationId: ticket.correlationId }, () =>
        as === undefined
          ? outbox.commit(commit)
          : outbox.commit({ ...commit, guarded: { token: requests.bind(as.token, { orderId: ticket.id, now }) } }),
      );
      if (result.outcome === "refused") return { outcome: "token used", orderId: orderIn(result.found ?? {}) };
      news.changed("claimed", saved(ticket));
      return { outcome: "claimed", ticket: saved(ticket) };
    } catch (error) {
      if (error instanceof OutboxAheadError) {
        onStuck?.(ticket.id, error);
        return undefined;
      }
      if (!(error instanceof ConcurrencyConflict)) throw error;
      this.#lost += 1;
      this.#parts.rivals.seen();
      return undefined;
    }
  }

  async #planSweep(): Promise<void> {
    clearTimeout(this.#timer);
    if (this.#waiting.size === 0) return;
    const sweep = sweepMilliseconds * (0.75 + Math.random() / 2);
    const untilLapse = await this.#parts.returnLapsed.untilNext().catch(() => sweep);
    if (this.#waiting.size === 0 || this.#serving) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#ask(this.#waiting.takeAll()), Math.min(sweep, untilLapse));
  }
}
