import { setTimeout as delay } from "node:timers/promises";
import type { Hints } from "@doubleshot/waiting";
import type { TicketChange, TicketNews } from "../ticket/ticket-news.ts";
import type { ClaimTicket } from "./claim-ticket.ts";

/** Milliseconds. */
const usualHeadStart = 25;

/**
 * Tells all other instances what happens to tickets here; signs of life excepted, of which nobody has to know at once.
 *
 * Of a ticket that comes to the line they are told when the baristas who wait here have been served: most often one of
 * them has it by then, and without this, every other instance would read the line for it, try, and lose.
 */
export class TellInstances {
  readonly #hints: Pick<Hints, "broadcast">;
  readonly #claims: Pick<ClaimTicket, "busy" | "served">;
  readonly #headStart: number;
  /** What is not told yet, by ticket: the newest version of each. */
  readonly #untold = new Map<string, number>();

  /** `headStart`: the longest, in milliseconds, that an order which came in here is kept for the baristas here. */
  constructor(
    news: TicketNews,
    hints: Pick<Hints, "broadcast">,
    claims: Pick<ClaimTicket, "busy" | "served">,
    headStart = usualHeadStart,
  ) {
    this.#hints = hints;
    this.#claims = claims;
    this.#headStart = headStart;
    news.onChange((change) => this.#tell(change));
  }

  #tell({ what, ticket: { id, version, status } }: TicketChange): void {
    if (what === "extended") return;
    if (status !== "QUEUED" || !this.#claims.busy) {
      this.#untold.delete(id);
      this.#hints.broadcast({ id, version, status });
      return;
    }
    this.#untold.set(id, version);
    void this.#tellLater({ id, version, status });
  }

  async #tellLater(hint: { id: string; version: number; status: string }): Promise<void> {
    // The claims hear of the ticket by the same news, perhaps after us.
    await Promise.resolve();
    await Promise.race([this.#claims.served(), delay(this.#headStart)]);
    if (this.#untold.get(hint.id) !== hint.version) return;
    this.#untold.delete(hint.id);
    this.#hints.broadcast(hint);
  }
}
