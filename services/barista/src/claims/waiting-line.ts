import type { Ticket } from "../ticket/ticket.ts";
import type { Page } from "../ticket/ticket-store.ts";

/** Which tickets to take before others, and among how many at the head of the line it may choose. */
export interface Preference {
  prefers(ticket: Ticket): boolean;
  readonly among: number;
}

/**
 * Hands the waiting tickets out one by one, to many takers at once and none twice, reading on page by page only as far
 * as somebody still asks; and then, once, the late ones that were not in the line. A page that could not be read fails
 * everybody who is waiting for it.
 */
export class WaitingLine {
  readonly #read: (after?: Record<string, unknown>) => Promise<Page>;
  readonly #readLate: () => Promise<readonly Ticket[]>;
  readonly #tickets: Ticket[] = [];
  readonly #seen = new Set<string>();
  #rest: { after?: Record<string, unknown> } | "late" | undefined = {};
  #reading: Promise<void> | undefined;
  #preference: Preference | undefined;

  constructor(
    read: (after?: Record<string, unknown>) => Promise<Page>,
    readLate: () => Promise<readonly Ticket[]> = async () => [],
  ) {
    this.#read = read;
    this.#readLate = readLate;
  }

  /** `undefined` at the end of the line, and for a taker who has gone meanwhile: the ticket is the next one's then. */
  async next(signal: AbortSignal): Promise<Ticket | undefined> {
    while (this.#tickets.length === 0 && this.#rest !== undefined) {
      this.#reading ??= this.#readOn(this.#rest).finally(() => {
        this.#reading = undefined;
      });
      await this.#reading;
    }
    return signal.aborted ? undefined : this.#take();
  }

  /** From now on, the preferred go first. */
  prefer(preference: Preference): void {
    this.#preference = preference;
  }

  /** The taker has no use for it: it is the next one's. */
  putBack(ticket: Ticket): void {
    this.#tickets.unshift(ticket);
  }

  #take(): Ticket | undefined {
    const preference = this.#preference;
    if (preference === undefined) return this.#tickets.shift();
    const choice = this.#tickets.slice(0, preference.among).findIndex((ticket) => preference.prefers(ticket));
    return this.#tickets.splice(Math.max(0, choice), 1)[0];
  }

  async #readOn(rest: { after?: Record<string, unknown> } | "late"): Promise<void> {
    if (rest === "late") {
      this.#add(await this.#readLate());
      this.#rest = undefined;
      return;
    }
    const { tickets, next } = await this.#read(rest.after);
    this.#add(tickets);
    this.#rest = next === undefined ? "late" : { after: next };
  }

  #add(tickets: readonly Ticket[]): void {
    this.#tickets.push(...tickets.filter(({ id }) => !this.#seen.has(id)));
    for (const { id } of tickets) this.#seen.add(id);
  }
}
