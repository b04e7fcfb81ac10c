import type { MessageDecision } from "@doubleshot/aggregates";
import { CancelConfirmed, OrderCompleted, OrderCreated } from "@doubleshot/contracts";
import { type Message, type Outbox, on, type Subscription } from "@doubleshot/messaging";
import type { CustomerStore } from "./customer-store.ts";
import type { Ledger } from "./ledger.ts";
import type { Posting } from "./posting.ts";
import { charge, type Reservation, refuse, release, reserve } from "./reservation.ts";
import type { Reservations } from "./reservations.ts";
import { Turns } from "./turns.ts";

export interface KeepAccountsOptions {
  readonly outbox: Pick<Outbox, "clock">;
  readonly reservations: Pick<Reservations, "handle">;
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
 * Postings of one customer take turns in this process: at the same moment they would cancel each other's transactions, each of
 * which is paid for. Those of other processes still meet them.
 */
export function keepAccounts({ outbox, reservations, customers, ledger }: KeepAccountsOptions): Subscription[] {
  const turns = new Turns();
  const now = () => new Date(outbox.clock.now()).toISOString();
  const handle = (message: Message<OfOrder>, decide: Decide, isUsual?: (kept: Reservation | undefined) => boolean) =>
    turns.take(message.data.customerId, () => reservations.handle(message, message.data.orderId, decide, isUsual));
  /** Every posting of a reserved amount is covered, so its condition holds. */
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
