import type { IdempotencyKey } from "@doubleshot/service-kit";
import type { Limited } from "../admission.ts";
import type { Order, OrderRequest } from "../order/order.ts";

/** A caller's request to place an order. */
export interface PlaceOrderRequest {
  readonly request: OrderRequest;
  readonly key?: IdempotencyKey;
  /** The id of the caller: its limits apply, and its turn at the bar. */
  readonly caller: string;
  /** Aborts when the caller has gone. */
  readonly gone: AbortSignal;
  /** Called with the order's id once the order is, or may be, in the table. */
  readonly onOrder?: (orderId: string) => void;
}

/** The key stands for another request. */
export interface KeyTaken {
  readonly outcome: "key-taken";
  /** The order of the other request. Its caller had the key, so this caller may know it. */
  readonly orderId: string;
}

/**
 * The process is stopping or full, the caller has gone, or too many others wait for the same order. The order may have been
 * placed if there is an id.
 */
export interface GivenUp {
  readonly outcome: "given-up";
  readonly reason: "left" | "crowded-out" | "full" | "draining";
  readonly orderId?: string;
}

/** The order's row has been deleted. */
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
  readonly outcome: "placed-before";
  readonly orderId: string;
}

export type Placed = NewlyPlaced | PlacedBefore | KeyTaken | Limited | GivenUp;

export type Served =
  /** The order is final. */
  | { readonly outcome: "served"; readonly order: Order }
  /** The caller's time is up, and the order is like this. */
  | { readonly outcome: "timed-out"; readonly order: Order }
  | Removed
  | KeyTaken
  | Limited
  | GivenUp;
