import type { ChangeTicket } from "../ticket/change-ticket.ts";
import { release } from "../ticket/ticket.ts";

/** Gives a claimed ticket back to the line, at its old place, when its barista will not brew it. */
export class ReleaseClaim {
  readonly #changes: ChangeTicket;

  constructor(changes: ChangeTicket) {
    this.#changes = changes;
  }

  /** `kept`: this claim holds the ticket no longer (finished, lapsed or released before). `unknown`: there is no such order. */
  async release({ orderId, token }: { orderId: string; token: string }): Promise<"returned" | "kept" | "unknown"> {
    const { outcome } = await this.#changes.change({
      orderId,
      decide: (ticket) => release(ticket, token),
      commits: "returned",
      news: "released",
    });
    return outcome;
  }
}
