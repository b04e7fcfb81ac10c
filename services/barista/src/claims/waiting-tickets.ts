import type { Ticket } from "../ticket/ticket.ts";
import type { Page } from "../ticket/ticket-store.ts";

export interface WaitingTicketsOptions {
  /** Reads a page of the line, in its order. */
  readonly readPage: (after?: Record<string, unknown>) => Promise<Page>;
  /** Reads tickets that the index may not show yet. Called once, at the end of the line. */
  readonly readHinted: () => Promise<readonly Ticket[]>;
  /** Chooses one of the first `count` tickets, by its position. Default: the first. */
  readonly choose?: (count: number) => number;
}

/**
 * Hands out waiting tickets one by one, to many baristas at once and none twice. It reads the next page only when a barista
 * needs it, and at the end of the line the hinted tickets. A failed read fails all baristas that wait for it.
 */
export class WaitingTickets {
  readonly #options: WaitingTicketsOptions;
  readonly #tickets: Ticket[] = [];
  readonly #seen = new Set<string>();
  #rest: { after?: Record<string, unknown> } | "hinted" | undefined = {};
  #reading: Promise<void> | undefined;

  constructor(options: WaitingTicketsOptions) {
    this.#options = options;
  }

  /** Undefined at the end of the line, and for a barista that has gone meanwhile: the ticket goes to the next one. */
  async next(gone: AbortSignal): Promise<Ticket | undefined> {
    while (this.#tickets.length === 0 && this.#rest !== undefined) {
      this.#reading ??= this.#readOn(this.#rest).finally(() => {
        this.#reading = undefined;
      });
      await this.#reading;
    }
    if (gone.aborted) return undefined;
    return this.#tickets.splice(this.#options.choose?.(this.#tickets.length) ?? 0, 1)[0];
  }

  /** The barista has no use for the ticket: it goes to the next one. */
  putBack(ticket: Ticket): void {
    this.#tickets.unshift(ticket);
  }

  async #readOn(rest: { after?: Record<string, unknown> } | "hinted"): Promise<void> {
    const { readPage, readHinted } = this.#options;
    if (rest === "hinted") {
      this.#add(await readHinted());
      this.#rest = undefined;
      return;
    }
    const { tickets, next } = await readPage(rest.after);
    this.#add(tickets);
    this.#rest = next === undefined ? "hinted" : { after: next };
  }

  #add(tickets: readonly Ticket[]): void {
    this.#tickets.push(...tickets.filter(({ id }) => !this.#seen.has(id)));
    for (const { id } of tickets) this.#seen.add(id);
  }
}
