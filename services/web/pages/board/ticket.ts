import type { Item } from "../shared/order-words.ts";

interface TicketFields {
  readonly order_id: string;
  readonly version: number;
  readonly items: readonly Item[];
  readonly name?: string;
  readonly placed_at: string;
  readonly turn: number;
}

export interface QueuedTicket extends TicketFields {
  readonly status: "QUEUED";
}

export interface StartedTicket extends TicketFields {
  readonly status: "STARTED";
  readonly started_at: string;
  readonly lease_expires_at: string;
}

export interface FinishedTicket extends TicketFields {
  readonly status: "FINISHED";
  readonly finished_at: string;
}

/** A ticket of the board, as the bar's stream shows it. */
export type Ticket =
  | QueuedTicket
  | StartedTicket
  | FinishedTicket
  | { readonly order_id: string; readonly version: number; readonly status: "VOIDED"; readonly voided_at: string };
