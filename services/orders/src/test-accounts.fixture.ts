import { CreditRefused, CreditReserved } from "@doubleshot/contracts";
import type { OtherService } from "@doubleshot/service-host/testing";
import type { CreditRefusal } from "./order/order.ts";

/** The customers service as the orders service knows it: by its events. */
export class TestAccounts {
  readonly customerId = "0198c0de-0000-7000-8000-000000000002";
  readonly #customers: OtherService;

  constructor(customers: OtherService) {
    this.#customers = customers;
  }

  reserves(orderId: string): Promise<string> {
    const { customerId } = this;
    const event = CreditReserved({ orderId, customerId, amount: 100, reservedAt: new Date().toISOString() });
    return this.#customers.publish(`reservation#${orderId}`, event);
  }

  refuses(orderId: string, reason: CreditRefusal = "INSUFFICIENT_CREDIT"): Promise<string> {
    const { customerId } = this;
    const event = CreditRefused({ orderId, customerId, reason, refusedAt: new Date().toISOString() });
    return this.#customers.publish(`reservation#${orderId}`, event);
  }
}
