import { CreditRefused, CreditReserved, type creditRefusals } from "@doubleshot/contracts";
import type { Posting } from "./posting.ts";

/**
 * The credit of one order, under the order's id. Its states:
 * - RESERVED  the order's total is set aside in the customer's account
 * - REFUSED   it is not: the credit was too little, or there is no such customer. Final.
 * - CHARGED   the order is done, and the customer owes its total. Final.
 * - RELEASED  the order was cancelled, and the credit is free again. Final.
 *
 * The messages of one order come in the order of their causes: an order is done or cancelled only after it had its credit.
 */
export interface Reservation {
  readonly id: string;
  /** How often it has been committed; 0 before the first commit. The optimistic lock. */
  readonly version: number;
  readonly status: "RESERVED" | "REFUSED" | "CHARGED" | "RELEASED";
  readonly customerId: string;
  /** In whole minor units. */
  readonly amount: number;
  /** Instants in UTC with milliseconds. */
  readonly reservedAt?: string;
  readonly refusedAt?: string;
  readonly refusal?: Refusal;
  readonly chargedAt?: string;
  readonly releasedAt?: string;
}

export type Refusal = (typeof creditRefusals)[number];

/** A reservation to commit, with its event and the posting that changes the account. */
interface Changed {
  readonly outcome: "changed";
  readonly state: Reservation;
  readonly events: readonly ReturnType<typeof CreditReserved | typeof CreditRefused>[];
  readonly posting?: Posting;
}

interface Unchanged {
  readonly outcome: "unchanged";
  readonly reason: string;
}

/** An order that asks for credit. */
export interface CreditRequest {
  readonly orderId: string;
  readonly customerId: string;
  readonly total: number;
}

/** Sets the order's total aside. Its posting finds out whether the account has so much credit. */
export function reserve(known: Reservation | undefined, request: CreditRequest, at: string): Changed | Unchanged {
  if (known !== undefined) return unchanged(known);
  const { orderId, customerId, total: amount } = request;
  return {
    outcome: "changed",
    state: { id: orderId, version: 0, status: "RESERVED", customerId, amount, reservedAt: at },
    events: [CreditReserved({ orderId, customerId, amount, reservedAt: at })],
    posting: { kind: "reservation", customerId, orderId, amount, at },
  };
}

/** The account refuses the posting of `reserve`. The refusal is kept, so that the order is answered once. */
export function refuse({ orderId, customerId, total: amount }: CreditRequest, reason: Refusal, at: string): Changed {
  return {
    outcome: "changed",
    state: { id: orderId, version: 0, status: "REFUSED", customerId, amount, refusedAt: at, refusal: reason },
    events: [CreditRefused({ orderId, customerId, reason, refusedAt: at })],
  };
}

/** The order is done: its reservation becomes debt. */
export function charge(known: Reservation | undefined, at: string): Changed | Unchanged {
  if (known?.status !== "RESERVED") return unchanged(known);
  return changed({ ...known, status: "CHARGED", chargedAt: at }, "charge", at);
}

/** The order was cancelled: its reservation is free again. */
export function release(known: Reservation | undefined, at: string): Changed | Unchanged {
  if (known?.status !== "RESERVED") return unchanged(known);
  return changed({ ...known, status: "RELEASED", releasedAt: at }, "release", at);
}

function changed(state: Reservation, kind: Posting["kind"], at: string): Changed {
  const { id: orderId, customerId, amount } = state;
  return { outcome: "changed", state, events: [], posting: { kind, customerId, orderId, amount, at } };
}

const unchanged = (known: Reservation | undefined): Unchanged => ({
  outcome: "unchanged",
  reason: known === undefined ? "there is no reservation for this order" : `the reservation is ${known.status} already`,
});
