import { ConcurrencyConflictError, type Outbox, retryConflicts } from "@doubleshot/messaging";
import { amend, type Customer, type NewCustomer } from "./customer.ts";
import type { CustomerStore } from "./customer-store.ts";

/** Sets name and limit of customers. Safe to repeat. */
export class AmendCustomer {
  readonly #outbox: Outbox;
  readonly #customers: CustomerStore;

  constructor(outbox: Outbox, customers: CustomerStore) {
    this.#outbox = outbox;
    this.#customers = customers;
  }

  /** Returns the customer as it is then. @throws ConcurrencyConflictError, and the errors of an outage: repeat the request. */
  async amend(id: string, changes: Partial<NewCustomer>): Promise<Customer | undefined> {
    return retryConflicts(
      () => this.#customers.get(id),
      (customer) => customer && amend(customer, changes, new Date(this.#outbox.clock.now()).toISOString()),
      async (amendment, customer) => {
        if (amendment === undefined || customer === undefined) return customer;
        const guarded = { version: this.#customers.amend(customer, amendment) };
        const { outcome } = await this.#outbox.commit({ guarded });
        if (outcome === "refused") throw new ConcurrencyConflictError(`customer#${id}`, customer.version);
        // Postings may have changed the balance since the customer was loaded.
        return this.#customers.get(id);
      },
      { clock: this.#outbox.clock },
    );
  }
}
