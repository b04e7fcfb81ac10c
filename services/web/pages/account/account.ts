import { type Answer, call } from "../shared/shop-api.ts";
import type { texts } from "../shared/texts.ts";

/** Amounts are in whole minor units. */
export interface Account {
  readonly id: string;
  readonly name: string;
  readonly limit: number;
  readonly available: number;
  readonly reserved: number;
  readonly debt: number;
  /** The latest first. */
  readonly entries: readonly Entry[];
}

export interface Entry {
  readonly kind: keyof typeof texts.account.kinds;
  readonly amount: number;
  readonly at: string;
  readonly order_id?: string;
  readonly payment_id?: string;
}

interface Customer {
  readonly id: string;
  readonly name: string;
  readonly credit_limit: number;
  readonly available_credit: number;
}

interface Ledger {
  readonly entries: readonly Entry[];
  readonly reserved: number;
  readonly debt: number;
}

const shownEntries = 10;

export async function readAccount(id: string, signal: AbortSignal): Promise<Answer<Account>> {
  const path = `/customers/${encodeURIComponent(id)}`;
  const [customer, ledger] = await Promise.all([
    call<Customer>("GET", path, { signal }),
    call<Ledger>("GET", `${path}/ledger?limit=${shownEntries}`, { signal }),
  ]);
  if (!customer.ok) return customer;
  if (!ledger.ok) return ledger;
  if (customer.body === undefined || ledger.body === undefined) return { ok: true, body: undefined };
  const { name, credit_limit: limit, available_credit: available } = customer.body;
  return { ok: true, body: { id, name, limit, available, ...ledger.body } };
}

export interface NewAccount {
  readonly id: string;
  readonly secret: string;
}

/** The credit of an account that a customer opens, where the shop lets customers do so. In minor units. */
const creditLimit = 2_000;

/** Repeated under the same key, the request opens one account. */
export function openAccount(name: string, key: string): Promise<Answer<NewAccount>> {
  return call("POST", "/customers", { body: { name, credit_limit: creditLimit }, headers: { "idempotency-key": key } });
}
