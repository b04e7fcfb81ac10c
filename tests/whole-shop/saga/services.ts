import { RequestKeys } from "@doubleshot/aggregates";
import { queueTicket } from "@doubleshot/barista/src/ticket/queue-ticket.ts";
import type { Ticket } from "@doubleshot/barista/src/ticket/ticket.ts";
import { claim, finish } from "@doubleshot/barista/src/ticket/ticket.ts";
import { TicketAggregates } from "@doubleshot/barista/src/ticket/ticket-aggregates.ts";
import { TicketNotifier } from "@doubleshot/barista/src/ticket/ticket-notifier.ts";
import { DynamoTicketStore } from "@doubleshot/barista/src/ticket/ticket-store.ts";
import { voidTicket } from "@doubleshot/barista/src/ticket/void-ticket.ts";
import { AmendCustomer } from "@doubleshot/customers/src/amend-customer.ts";
import { CustomerStore } from "@doubleshot/customers/src/customer-store.ts";
import { keepAccounts } from "@doubleshot/customers/src/keep-accounts.ts";
import { Ledger } from "@doubleshot/customers/src/ledger.ts";
import { OpenAccount } from "@doubleshot/customers/src/open-account.ts";
import { PayDebt } from "@doubleshot/customers/src/pay-debt.ts";
import { ReservationStore } from "@doubleshot/customers/src/reservation-store.ts";
import { createOutbox, type Outbox, type Subscription, subscriber } from "@doubleshot/messaging";
import type { FakeAws, FakeProcess } from "@doubleshot/messaging/testing";
import { CancelOrder } from "@doubleshot/orders/src/cancel-order/cancel-order.ts";
import { handleBarEvents } from "@doubleshot/orders/src/events/handle-bar-events.ts";
import { handleCreditEvents } from "@doubleshot/orders/src/events/handle-credit-events.ts";
import type { Order } from "@doubleshot/orders/src/order/order.ts";
import { OrderAggregates } from "@doubleshot/orders/src/order/order-aggregates.ts";
import { DynamoOrderStore } from "@doubleshot/orders/src/order/order-store.ts";
import { coffeeShop } from "@doubleshot/shop";
import { NoHints, Notifier } from "@doubleshot/waiting";

// The real parts of the three services, on the clients and the clock of a process that may die at any call.

/** The service of the pages has no state and no messages. */
export type ServiceName = Exclude<keyof typeof coffeeShop.services, "web">;

export interface Parts {
  readonly aws: FakeAws;
  readonly process: FakeProcess;
}

function outboxOf(name: ServiceName, { aws, process }: Parts): Outbox {
  const { source, names } = coffeeShop.services[name];
  const tables = { outbox: names.outbox, inbox: names.inbox };
  return createOutbox({ client: aws.clients(process).documents, source, tables, clock: process.clock });
}

/** Nobody waits in these processes. */
const nobody = new Notifier<Order>({
  waiters: { observe: () => undefined, read: async () => undefined },
  hints: new NoHints(),
  instancesOf: () => [],
});

export function ordersIn(parts: Parts) {
  const outbox = outboxOf("orders", parts);
  const { documents } = parts.aws.clients(parts.process);
  const store = new DynamoOrderStore({ client: documents, table: "orders" });
  const orders = new OrderAggregates({ outbox, store, notifier: nobody, metrics: { became: () => undefined } });
  return {
    orders,
    requestKeys: new RequestKeys(documents, "orders-requests"),
    cancelOrder: new CancelOrder({ orders, hints: new NoHints() }),
    subscriber: subscriberOf("orders", outbox, [...handleBarEvents(orders), ...handleCreditEvents(orders)]),
  };
}

export function customersIn(parts: Parts) {
  const outbox = outboxOf("customers", parts);
  const { documents: client } = parts.aws.clients(parts.process);
  const customers = new CustomerStore(client, "customers");
  const ledger = new Ledger(client, "customers-ledger");
  const requestKeys = new RequestKeys(client, "customers-requests");
  const reservations = new ReservationStore({ outbox, client, table: "customers-reservations" });
  return {
    openAccount: new OpenAccount({ outbox, customers, requestKeys }),
    amendCustomer: new AmendCustomer(outbox, customers),
    payDebt: new PayDebt({ outbox, customers, ledger, requestKeys }),
    subscriber: subscriberOf("customers", outbox, keepAccounts({ outbox, reservations, customers, ledger })),
  };
}

export function baristaIn(parts: Parts) {
  const outbox = outboxOf("barista", parts);
  const { documents } = parts.aws.clients(parts.process);
  const store = new DynamoTicketStore(documents, "barista", ({ reason }) => {
    throw reason;
  });
  const tickets = new TicketAggregates({ outbox, store, notifier: new TicketNotifier() });
  const now = () => new Date(parts.process.clock.now());
  const bar = { name: "main", leaseSeconds: 3_600, now };
  return {
    /** Claims the ticket, if it waits. */
    claim: (id: string) =>
      tickets.change(id, (ticket: Ticket) => claim(ticket, { token: `token-${id}`, now: now(), leaseSeconds: 3_600 })),
    finish: (id: string) => tickets.change(id, (ticket: Ticket) => finish(ticket, { now: now() })),
    subscriber: subscriberOf("barista", outbox, [queueTicket(tickets, bar), voidTicket(tickets, bar)]),
  };
}

const subscriberOf = (name: ServiceName, outbox: Outbox, subscriptions: Subscription[]) =>
  subscriber(name, outbox, subscriptions);
