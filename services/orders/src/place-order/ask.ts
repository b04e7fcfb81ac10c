import type { Limited } from "../admission.ts";
import type { Order, OrderRequest } from "../order/order.ts";
import type { IdempotencyKey } from "./idempotency-key.ts";

/** What a customer asks for, and how long they are there to hear of it. */
export interface Ask {
  readonly request: OrderRequest;
  readonly key?: IdempotencyKey;
  /** Whose limits it counts against, and whose turn it takes. */
  readonly caller: string;
  /** Fires when the caller has gone. */
  readonly gone: AbortSignal;
  /** Called with the order's id once it is known that the order is, or may be, in the table. */
  readonly onOrder?: (orderId: string) => void;
}

/** The key stands for another request. */
export interface KeyTaken {
  readonly outcome: "key taken";
  /** Of the other request: it came from the same caller, so the caller may know of it. */
  readonly orderId: string;
}

/**
 * The process is stopping or full, the caller has gone, or too many others wait for the same order. The order may have been
 * placed, if it has an id here.
 */
export interface GivenUp {
  readonly outcome: "given up";
  readonly reason: "left" | "crowded out" | "full" | "draining";
  readonly orderId?: string;
}

/** Somebody has deleted the order's row. */
export interface Removed {
  readonly outcome: "removed";
  readonly orderId: string;
}

export interface NewlyPlaced {
  readonly outcome: "placed";
  readonly order: Order;
}

/** The key has placed this order before. */
export interface PlacedBefore {
  readonly outcome: "known";
  readonly orderId: string;
}

export type Placed = NewlyPlaced | PlacedBefore | KeyTaken | Limited | GivenUp;

export type Served =
  /** The order is final. */
  | { readonly outcome: "served"; readonly order: Order }
  /** Time is up, and the order is like this. */
  | { readonly outcome: "not yet"; readonly order: Order }
  | Removed
  | KeyTaken
  | Limited
  | GivenUp;
