import { release } from "../ticket/ticket.ts";
import type { TicketAggregates } from "../ticket/ticket-aggregates.ts";

/** Returns a claimed ticket to its old place in the line, because its barista will not brew it. Safe to repeat. */
export class ReleaseClaim {
  readonly #tickets: TicketAggregates;

  constructor(tickets: TicketAggregates) {
    this.#tickets = tickets;
  }

  /** `kept`: the claim does not hold the ticket (finished, lapsed or released before). `unknown`: there is no such order. */
  async release({ orderId, token }: { orderId: string; token: string }): Promise<"released" | "kept" | "unknown"> {
    const { decision } = await this.#tickets.change(orderId, (ticket) => release(ticket, token));
    return decision.outcome;
  }
}
