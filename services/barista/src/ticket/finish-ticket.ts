import type { BrewResult } from "@doubleshot/contracts";
import type { Bar } from "../bar.ts";
import type { ChangeTicket, Unknown } from "./change-ticket.ts";
import { finish } from "./ticket.ts";

export interface Finish {
  readonly orderId: string;
  /** Only for the holder of this claim; left out, for whoever names the order. */
  readonly token?: string;
  readonly result?: BrewResult;
}

export type Finished = ReturnType<typeof finish> | Unknown;

/** The order is ready: the ticket becomes FINISHED and the news of it goes out. */
export class FinishTicket {
  readonly #changes: ChangeTicket;
  readonly #bar: Bar;

  constructor(changes: ChangeTicket, bar: Bar) {
    this.#changes = changes;
    this.#bar = bar;
  }

  finish({ orderId, ...by }: Finish): Promise<Finished> {
    return this.#changes.change({
      orderId,
      decide: (ticket) => finish(ticket, { ...by, now: this.#bar.now() }),
      commits: "finished",
      news: "finished",
    });
  }
}
