import type { MessageDecision } from "@doubleshot/aggregates";
import { CancelConfirmed, OrderCompleted, OrderCreated } from "@doubleshot/contracts";
import { type Message, type Outbox, on, type Subscription } from "@doubleshot/messaging";
import type { CustomerStore } from "./customer-store.ts";
import type { Ledger } from "./ledger.ts";
import type { Posting } from "./posting.ts";
import { charge, type Reservation, refuse, release, reserve } from "./reservation.ts";
import type { ReservationStore } from "./reservation-store.ts";
import { SerialByKey } from "./serial-by-key.ts";

export interface KeepAccountsOptions {
  readonly outbox: Pick<Outbox, "clock">;
  readonly reservations: Pick<ReservationStore, "handle">;
  readonly customers: Pick<CustomerStore, "post">;
  readonly ledger: Pick<Ledger, "write">;
}

/** The order of a message, and the account that pays for it. */
interface OfOrder {
  readonly orderId: string;
  readonly customerId: string;
}

type Decide = (known: Reservation | undefined) => MessageDecision<Reservation>;

type Decided = MessageDecision<Reservation> & { readonly posting?: Posting };

/**
 * Keeps the accounts by the events of orders. Reservation, balance and ledger change in one commit. The balance is a plain
 * counter under a condition, so no read decides about credit.
 *
 * Concurrent postings of one customer cancel each other's transactions, and DynamoDB bills cancelled ones. So this process runs
 * them one after the other; those of other processes may still conflict.
 */
export function keepAccounts({ outbox, reservations, customers, ledger }: KeepAccountsOptions): Subscription[] {
  const postings = new SerialByKey();
  const now = () => new Date(outbox.clock.now()).toISOString();
  const handle = (message: Message<OfOrder>, decide: Decide, isUsual?: (kept: Reservation | undefined) => boolean) =>
    postings.run(message.data.customerId, () => reservations.handle(message, message.data.orderId, decide, isUsual));
  /** The amount is already reserved, so the condition holds. */
  const covered = ({ posting, ...decision }: Decided): MessageDecision<Reservation> =>
    posting === undefined ? decision : { ...decision, writes: [customers.post(posting), ledger.write(posting)] };

  return [
    on(OrderCreated, (message) =>
      handle(
        message,
        (known) => {
          const { posting, ...decision }: Decided = reserve(known, message.data, now());
          if (posting === undefined) return decision;
          const refused = (account: object | undefined) =>
            refuse(message.data, account === undefined ? "CUSTOMER_NOT_FOUND" : "INSUFFICIENT_CREDIT", now());
          const guarded = { write: customers.post(posting), refused };
          return { ...decision, writes: [ledger.write(posting)], guarded };
        },
        // The order is usually new, so the first attempt does without a read.
        (kept) => kept === undefined,
      ),
    ),
    on(OrderCompleted, (message) => handle(message, (known) => covered(charge(known, now())))),
    on(CancelConfirmed, (message) => handle(message, (known) => covered(release(known, now())))),
  ];
}
