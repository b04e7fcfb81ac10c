import { isSameRequest, type RequestKeys } from "@doubleshot/aggregates";
import { type Outbox, uuidv7, type Write } from "@doubleshot/messaging";
import { type Customer, type NewCustomer, open } from "./customer.ts";
import type { CustomerStore } from "./customer-store.ts";

export interface OpenAccountOptions {
  readonly outbox: Outbox;
  readonly customers: CustomerStore;
  readonly requestKeys: RequestKeys;
}

export type Opened =
  /** `isNew`: by this request, and not by an earlier one of the same key. */
  | { readonly outcome: "opened"; readonly customer: Customer; readonly isNew: boolean }
  /** The key stands for another request. */
  | { readonly outcome: "key-taken" }
  /** The key has opened an account that was deleted since. */
  | { readonly outcome: "removed" };

/** Opens accounts. A repeated key returns the customer it stands for. */
export class OpenAccount {
  readonly #options: OpenAccountOptions;

  constructor(options: OpenAccountOptions) {
    this.#options = options;
  }

  /**
   * @param writes further writes of the same commit for the new customer, such as its secret
   * @throws CommitOutcomeUnknownError and the errors of an outage: repeat the request, under its key.
   */
  async open(
    request: NewCustomer,
    key: string | undefined,
    writes: (customerId: string) => readonly Write[] = () => [],
  ): Promise<Opened> {
    const { outbox, customers, requestKeys } = this.#options;
    const { clock } = outbox;
    const at = new Date(clock.now());
    const customer = open(request, { id: uuidv7(clock.now(), clock.randomBytes(16)), at: at.toISOString() });
    const commit = { aggregate: `customer#${customer.id}`, save: customers.save(customer) };
    const hashed = ["open", request.name, request.limit];
    const bound = { result: { customerId: customer.id }, request: hashed, now: at };
    const guarded: Record<string, Write> = key === undefined ? {} : { key: requestKeys.bind(key, bound) };
    const result = await outbox.commit({ ...commit, guarded, writes: [...writes(customer.id)] });
    if (result.outcome === "committed")
      return { outcome: "opened", customer: { ...customer, version: 1 }, isNew: true };
    const row = result.found ?? {};
    if (!isSameRequest(row, hashed)) return { outcome: "key-taken" };
    const known = await customers.get(String(row.customerId));
    return known === undefined ? { outcome: "removed" } : { outcome: "opened", customer: known, isNew: false };
  }
}
