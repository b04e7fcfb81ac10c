import type { Balance } from "./posting.ts";

/** A customer with an account. */
export interface Customer extends Balance {
  readonly id: string;
  /** How often name and limit have been set. Postings do not raise it, because their order does not matter. */
  readonly version: number;
  readonly name: string;
  /** Instants in UTC with milliseconds. */
  readonly createdAt: string;
  /** When name or limit was set. */
  readonly updatedAt: string;
}

export interface NewCustomer {
  readonly name: string;
  readonly limit: number;
}

/** Opens an account: the whole limit is available. */
export function open({ name, limit }: NewCustomer, { id, at }: { id: string; at: string }): Customer {
  const balance = { limit, available: limit, reserved: 0, debt: 0 };
  return { id, version: 0, name, ...balance, createdAt: at, updatedAt: at };
}

/** New values for name and limit, and what the change of the limit adds to the available credit. */
export interface Amendment {
  readonly name: string;
  readonly limit: number;
  readonly added: number;
  readonly at: string;
}

/**
 * Sets name or limit. A limit below the sum of debt and reservations makes the available credit negative, which blocks new
 * orders and takes nothing back. Undefined when nothing changes.
 */
export function amend(customer: Customer, changes: Partial<NewCustomer>, at: string): Amendment | undefined {
  const { name = customer.name, limit = customer.limit } = changes;
  if (name === customer.name && limit === customer.limit) return undefined;
  return { name, limit, added: limit - customer.limit, at };
}
