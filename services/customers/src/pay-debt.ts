import { isSameRequest, type RequestKeys, type RequestRow } from "@doubleshot/aggregates";
import { type Outbox, uuidv7, type Write } from "@doubleshot/messaging";
import type { CustomerStore } from "./customer-store.ts";
import type { Ledger } from "./ledger.ts";
import type { Posting } from "./posting.ts";

export interface PayDebtOptions {
  readonly outbox: Outbox;
  readonly customers: CustomerStore;
  readonly ledger: Ledger;
  readonly requestKeys: RequestKeys;
}

interface Payment {
  readonly id: string;
  readonly customerId: string;
  /** In whole minor units. */
  readonly amount: number;
  readonly paidAt: string;
}

export type Paid =
  | { readonly outcome: "paid"; readonly payment: Payment }
  /** The amount is more than the customer owes. */
  | { readonly outcome: "above-debt"; readonly debt: number }
  | { readonly outcome: "unknown" }
  /** The key stands for another request. */
  | { readonly outcome: "key-taken" };

/** Pays down debt. A repeated key returns the payment, or the refusal, that it stands for. */
export class PayDebt {
  readonly #options: PayDebtOptions;

  constructor(options: PayDebtOptions) {
    this.#options = options;
  }

  /** @throws CommitOutcomeUnknownError and the errors of an outage: repeat the request, under its key. */
  async pay(customerId: string, amount: number, key: string | undefined): Promise<Paid> {
    const { outbox, customers, ledger, requestKeys } = this.#options;
    // Only for the answer: a read is cheaper than a refused transaction. The conditions below decide.
    if ((await customers.get(customerId)) === undefined) return { outcome: "unknown" };
    const { clock } = outbox;
    const now = new Date(clock.now());
    const payment: Payment = {
      id: uuidv7(clock.now(), clock.randomBytes(16)),
      customerId,
      amount,
      paidAt: now.toISOString(),
    };
    const { id: paymentId, paidAt } = payment;
    const posting: Posting = { kind: "payment", customerId, paymentId, amount, at: paidAt };
    const hashed = ["pay", customerId, amount];
    const bound = { result: { paymentId, paidAt }, request: hashed, now };
    const guarded: Record<string, Write> = {
      // First: a repeated request meets its key, whatever the debt is by now.
      ...(key !== undefined && { key: requestKeys.bind(key, bound) }),
      debt: customers.post(posting),
    };
    const result = await outbox.commit({
      // The entry is the payment's own item, so that a commit which was not answered is recognised when it is repeated.
      aggregate: `payment#${paymentId}`,
      save: ledger.save(posting),
      guarded,
    });
    if (result.outcome === "committed") return { outcome: "paid", payment };
    const { by, found = {} } = result;
    if (by === "key") return isSameRequest(found, hashed) ? earlier(found, payment) : { outcome: "key-taken" };
    if (result.found === undefined) return { outcome: "unknown" };
    const debt = Number(found.debt);
    if (key === undefined) return { outcome: "above-debt", debt };
    // An earlier attempt that DynamoDB gets late must not pay after this answer: the key stands for the refusal from now on.
    const kept = await outbox.commit({
      guarded: { key: requestKeys.bind(key, { result: { debt: String(debt) }, request: hashed, now }) },
    });
    if (kept.outcome === "committed") return { outcome: "above-debt", debt };
    const row = kept.found ?? {};
    return isSameRequest(row, hashed) ? earlier(row, payment) : { outcome: "key-taken" };
  }
}

/** The answer that the key of the request stands for. */
function earlier({ paymentId, paidAt, debt }: RequestRow, payment: Payment): Paid {
  if (paymentId === undefined) return { outcome: "above-debt", debt: Number(debt) };
  return { outcome: "paid", payment: { ...payment, id: String(paymentId), paidAt: String(paidAt) } };
}
