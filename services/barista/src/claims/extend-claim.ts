import type { Bar } from "../bar.ts";
import type { ChangeTicket, Unknown } from "../ticket/change-ticket.ts";
import { extend } from "../ticket/ticket.ts";

export type Extended = ReturnType<typeof extend> | Unknown;

/** A barista's sign of life: the lease runs anew from now. There is no news in it, so no event. */
export class ExtendClaim {
  readonly #changes: ChangeTicket;
  readonly #bar: Bar;

  constructor(changes: ChangeTicket, bar: Bar) {
    this.#changes = changes;
    this.#bar = bar;
  }

  extend(claimed: { orderId: string; token: string; leaseSeconds: number }): Promise<Extended> {
    return this.#changes.change({
      orderId: claimed.orderId,
      decide: (ticket) => extend(ticket, { ...claimed, now: this.#bar.now() }),
      commits: "extended",
      news: "extended",
    });
  }
}
