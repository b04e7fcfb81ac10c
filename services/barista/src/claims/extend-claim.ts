import type { BarSettings } from "../bar-settings.ts";
import { extend } from "../ticket/ticket.ts";
import type { TicketAggregates } from "../ticket/ticket-aggregates.ts";

export type Extended = ReturnType<typeof extend> | { readonly outcome: "unknown" };

/** A barista's heartbeat: the lease ends `leaseSeconds` from now. No service needs to know, so there is no event. */
export class ExtendClaim {
  readonly #tickets: TicketAggregates;
  readonly #bar: BarSettings;

  constructor(tickets: TicketAggregates, bar: BarSettings) {
    this.#tickets = tickets;
    this.#bar = bar;
  }

  async extend(claim: { orderId: string; token: string; leaseSeconds: number }): Promise<Extended> {
    const { decision } = await this.#tickets.change(claim.orderId, (ticket) =>
      extend(ticket, { ...claim, now: this.#bar.now() }),
    );
    return decision;
  }
}
