import type {
  BrewResult,
  CancelConfirmed,
  creditRefusals,
  OrderCancelled,
  OrderCompleted,
  OrderCreated,
  OrderItem,
  OrderPlaced,
} from "@doubleshot/contracts";

/**
 * An order, from the counter's side. Its states:
 * - PENDING     an order on account waits for credit; a cancel is remembered until the answer has come
 * - REJECTED    it got no credit. Final.
 * - PLACED      the commit that places the order also publishes it to the bar; a guest's order begins here
 * - BREWING     a barista has started it
 * - CANCELLING  the customer cancelled it while it was PLACED; the bar's verdict makes it CANCELLED or BREWING
 * - COMPLETED   a barista has finished it, also when it was CANCELLING. Final.
 * - CANCELLED   the bar has voided its ticket, or it was cancelled while it was PENDING. Final.
 *
 * Events may skip a state (finished without a start seen) and never lead back. A final order stays as it is. Every
 * function here decides and does no I/O: load before, commit after.
 */
export interface Order {
  readonly id: string;
  /** How often the order has been committed; 0 before the first commit. The optimistic lock. */
  readonly version: number;
  readonly status: OrderStatus;
  readonly items: readonly OrderItem[];
  readonly name?: string;
  /** The account that pays for it. In orders from before there were accounts, any text. */
  readonly customerId?: string;
  /** In whole minor units. */
  readonly total?: number;
  /** The instance where the order was placed: it gets a hint when the order is final. */
  readonly replyTo?: string;
  /** The instances where callers follow the order: they get a hint whenever it changes. */
  readonly watchers?: readonly string[];
  /** The caller's address, while the order is open: it counts among this caller's open orders. */
  readonly openFor?: string;
  /** The turn that a PENDING order takes at the bar once it is placed. */
  readonly turn?: number;
  /** Instants in UTC with milliseconds (`2026-01-31T08:30:00.000Z`). Only an order on account is created before it is placed. */
  readonly createdAt?: string;
  readonly placedAt?: string;
  readonly rejectedAt?: string;
  readonly rejection?: CreditRefusal;
  readonly startedAt?: string;
  readonly completedAt?: string;
  /** When the customer asked to cancel it, whatever the verdict. */
  readonly cancelAskedAt?: string;
  readonly cancelledAt?: string;
  /** The barista's result: any JSON value. */
  readonly result?: BrewResult;
}

export const orderStatuses = [
  "PENDING",
  "PLACED",
  "BREWING",
  "COMPLETED",
  "CANCELLING",
  "CANCELLED",
  "REJECTED",
] as const;

export type OrderStatus = (typeof orderStatuses)[number];

export type CreditRefusal = (typeof creditRefusals)[number];

/** The customer's part of an order. */
export type OrderRequest = Pick<Order, "items" | "name" | "customerId" | "total">;

type OrderEvent = ReturnType<
  typeof CancelConfirmed | typeof OrderCancelled | typeof OrderCompleted | typeof OrderCreated | typeof OrderPlaced
>;

/** The order to commit, at the version that was loaded, together with its events. */
export interface Changed {
  readonly outcome: "changed";
  readonly state: Order;
  readonly events: readonly OrderEvent[];
}

/** The event came too late, or again. */
export interface Unchanged {
  readonly outcome: "unchanged";
  readonly reason: string;
}

const finalStatuses: ReadonlySet<OrderStatus> = new Set(["COMPLETED", "CANCELLED", "REJECTED"]);

/** True when nothing more will happen to the order, so that callers that wait for it can be answered. */
export const isFinal = (order: Order): boolean => finalStatuses.has(order.status);

/** Leaves out the attributes of open orders. */
export function closed(order: Order): Order {
  const { openFor: _, turn: __, ...rest } = order;
  return rest;
}

export const changed = (state: Order, events: readonly OrderEvent[] = []): Changed => ({
  outcome: "changed",
  state,
  events,
});

export const unchanged = ({ status }: Order): Unchanged => ({
  outcome: "unchanged",
  reason: `the order is ${status} already`,
});

/** An order whose total is reserved in its customer's account, or will be. */
export interface OrderOnAccount extends Order {
  readonly customerId: string;
  readonly total: number;
  readonly createdAt: string;
}

/** Orders from before there were accounts are not on account, whatever their `customerId`. */
export function isOnAccount(order: Order): order is OrderOnAccount {
  return order.customerId !== undefined && order.total !== undefined && order.createdAt !== undefined;
}

/** When the customer ordered: before credit was asked for, if the order is on account. */
export const orderedAt = ({ createdAt, placedAt }: Pick<Order, "createdAt" | "placedAt">): string =>
  createdAt ?? placedAt ?? "";
