/** The amounts of an account, in whole minor units. At any time `limit = available + reserved + debt`. */
export interface Balance {
  /** The most that the customer may owe and have reserved together. */
  readonly limit: number;
  /** Left for further orders. Below zero if the limit is below the sum of reserved and debt. */
  readonly available: number;
  /** Set aside for orders that are not done. */
  readonly reserved: number;
  /** Owed for orders that are done. */
  readonly debt: number;
}

/**
 * A change of an account, and its entry in the ledger:
 * - reservation  an order's total is set aside
 * - charge       the order is done: the reserved amount becomes debt
 * - release      the order was cancelled: the reserved amount is available again
 * - payment      the customer pays some of the debt
 */
export interface Posting {
  readonly kind: "reservation" | "charge" | "release" | "payment";
  readonly customerId: string;
  /** In whole minor units. */
  readonly amount: number;
  /** The order, or the payment, that it belongs to. */
  readonly orderId?: string;
  readonly paymentId?: string;
  /** Instant in UTC with milliseconds. */
  readonly at: string;
}

type Part = Exclude<keyof Balance, "limit">;

/** The part of the balance from which the amount is taken, and the part to which it is added. */
export const postings: Readonly<Record<Posting["kind"], { readonly from: Part; readonly to: Part }>> = {
  reservation: { from: "available", to: "reserved" },
  charge: { from: "reserved", to: "debt" },
  release: { from: "reserved", to: "available" },
  payment: { from: "debt", to: "available" },
};
