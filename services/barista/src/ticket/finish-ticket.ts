import type { BrewResult } from "@doubleshot/contracts";
import type { BarSettings } from "../bar-settings.ts";
import { finish } from "./ticket.ts";
import type { TicketAggregates } from "./ticket-aggregates.ts";

export interface Finish {
  readonly orderId: string;
  /** The claim that finishes. Left out, the latest claim finishes. */
  readonly token?: string;
  readonly result?: BrewResult;
}

export type Finished = ReturnType<typeof finish> | { readonly outcome: "unknown" };

/** Finishes a ticket and publishes that its order is ready. Safe to repeat. */
export class FinishTicket {
  readonly #tickets: TicketAggregates;
  readonly #bar: BarSettings;

  constructor(tickets: TicketAggregates, bar: BarSettings) {
    this.#tickets = tickets;
    this.#bar = bar;
  }

  async finish({ orderId, ...by }: Finish): Promise<Finished> {
    const { decision } = await this.#tickets.change(orderId, (ticket) =>
      finish(ticket, { ...by, now: this.#bar.now() }),
    );
    return decision;
  }
}
