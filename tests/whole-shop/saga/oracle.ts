import { coffeeShop } from "@doubleshot/shop";
import { balanceOf } from "./balances.ts";
import type { Reported } from "./clients.ts";
import type { SagaShop } from "./saga-shop.ts";

type Item = ReturnType<SagaShop["items"]>[number];

/** The tables of a shop, as DynamoDB has their items. */
export type Tables = Pick<SagaShop, "items" | "item">;

const text = (item: Item | undefined, name: string): string => item?.[name]?.S ?? "none";

/** Compares the tables with what must hold at the end of a history. Returns what does not as sentences. */
export function findings(saga: SagaShop, reported: Reported): string[] {
  return [...saga.broken, ...saga.balances.findings, ...deadEnds(saga), ...accountsAndOrders(saga, reported)];
}

/** The rules that hold when no event is under way: the accounts add up, and each order is as its reservation, its ticket and the answers. */
export function accountsAndOrders(tables: Tables, reported: Reported): string[] {
  return [...accounts(tables), ...orders(tables), ...answers(tables, reported)];
}

/** Events that a subscriber has not handled. */
export function underWay(saga: Tables): string[] {
  return Object.values(coffeeShop.topology.mappings).flatMap(({ table, publishesTo }) => {
    const subscriptions = coffeeShop.topology.subscriptions.filter(({ topic }) => topic === publishesTo);
    const events = saga.items(table).flatMap(({ events }) => events?.L ?? []);
    return events.flatMap(({ M: event }) =>
      subscriptions.flatMap(({ handles, handledBy }) => {
        const [type, id] = [event?.type?.S ?? "", event?.id?.S];
        if (handledBy === undefined || !handles.includes(type)) return [];
        const key = { message: { S: `${handledBy.subscriber}#${id}` } };
        return saga.item(handledBy.inbox, key) === undefined
          ? [`${type} ${id} never reached ${handledBy.subscriber}`]
          : [];
      }),
    );
  });
}

/** No event is parked, and no message is dead. */
function* deadEnds(saga: SagaShop): Generator<string> {
  for (const { parked } of Object.values(coffeeShop.topology.mappings)) {
    for (const item of saga.items(parked ?? "")) yield `${text(item, "aggregate")} is parked`;
  }
  for (const { names } of Object.values(coffeeShop.services)) {
    // A service without subscriptions has no queue.
    if (!Object.hasOwn(coffeeShop.topology.queues, names.deadLetters)) continue;
    const { length } = saga.aws.sqs.queue(names.deadLetters).messages;
    if (length > 0) yield `${length} messages are dead in ${names.deadLetters}`;
  }
}

/** Each balance is the sum of the account's reservations and payments, and of its ledger. */
function* accounts(saga: Tables): Generator<string> {
  const ledger = saga.items("customers-ledger");
  const reservations = saga.items("customers-reservations");
  for (const customer of saga.items("customers")) {
    const id = text(customer, "id");
    const { reserved, debt } = balanceOf(customer);
    const entries = ledger.filter((entry) => text(entry, "customer") === id);
    const posted = (kind: string) => sum(entries.filter((entry) => text(entry, "kind") === kind));
    const own = reservations.filter((each) => text(each, "customerId") === id);
    const inStatus = (status: string) => sum(own.filter((each) => text(each, "status") === status));
    const expected = {
      "reserved, by the reservations": [reserved, inStatus("RESERVED")],
      "debt, by the reservations": [debt, inStatus("CHARGED") - posted("payment")],
      "reserved, by the ledger": [reserved, posted("reservation") - posted("charge") - posted("release")],
      "debt, by the ledger": [debt, posted("charge") - posted("payment")],
    } as const;
    for (const [name, [found, wanted]] of Object.entries(expected)) {
      if (found !== wanted) yield `the account ${id} has ${found} ${name}, and should have ${wanted}`;
    }
  }
  for (const reservation of reservations) yield* entriesOf(reservation, ledger);
}

const entriesIn: Readonly<Record<string, readonly string[]>> = {
  RESERVED: ["reservation"],
  CHARGED: ["charge", "reservation"],
  RELEASED: ["release", "reservation"],
  REFUSED: [],
};

function* entriesOf(reservation: Item, ledger: readonly Item[]): Generator<string> {
  const [id, status] = [text(reservation, "id"), text(reservation, "status")];
  const kinds = ledger.filter((entry) => text(entry, "orderId") === id).map((entry) => text(entry, "kind"));
  const wanted = entriesIn[status] ?? [];
  if (kinds.toSorted().join() !== wanted.join()) yield `the ledger has [${kinds}] for the ${status} order ${id}`;
}

/**
 * The states of an order on account, of its reservation and of its ticket that may be together when no event is under way:
 * final ones, and those that wait for a barista.
 */
const together = new Set([
  "PLACED RESERVED QUEUED",
  "BREWING RESERVED STARTED",
  "COMPLETED CHARGED FINISHED",
  "CANCELLED RELEASED VOIDED",
  // Cancelled while credit was asked for: the bar has never heard of it.
  "CANCELLED RELEASED none",
  "CANCELLED REFUSED none",
  "REJECTED REFUSED none",
]);

/** The same for an order of a guest. */
const guests = new Set([
  "PLACED none QUEUED",
  "BREWING none STARTED",
  "COMPLETED none FINISHED",
  "CANCELLED none VOIDED",
]);

function* orders(saga: Tables): Generator<string> {
  const all = saga.items("orders");
  for (const order of all) {
    const key = { id: { S: text(order, "id") } };
    const others = [saga.item("customers-reservations", key), saga.item("barista", key)];
    const states = [order, ...others].map((item) => text(item, "status")).join(" ");
    const allowed = order.customerId === undefined ? guests : together;
    if (!allowed.has(states)) yield `the order ${key.id.S} is ${states}`;
  }
  for (const table of ["customers-reservations", "barista"]) {
    for (const item of saga.items(table)) {
      if (!all.some((order) => text(order, "id") === text(item, "id")))
        yield `${text(item, "id")} in ${table} has no order`;
    }
  }
}

/** Every answer that a client got is true, and each request took effect once. */
function* answers(saga: Tables, { orders, payments, cancelled }: Reported): Generator<string> {
  const paid = saga.items("customers-ledger").flatMap(({ paymentId }) => paymentId?.S ?? []);
  if (paid.toSorted().join() !== payments.toSorted().join()) {
    yield `the payments are [${paid}], and the clients were told of [${payments}]`;
  }
  const placed = saga.items("orders").map((order) => text(order, "id"));
  if (placed.toSorted().join() !== orders.toSorted().join()) {
    yield `the orders are [${placed}], and the clients were told of [${orders}]`;
  }
  for (const id of cancelled) {
    const order = saga.item("orders", { id: { S: id } });
    if (order?.cancelAskedAt === undefined && text(order, "status") !== "CANCELLED")
      yield `the cancel of ${id} is lost`;
  }
}

const sum = (items: readonly Item[]): number => items.reduce((total, { amount }) => total + Number(amount?.N ?? 0), 0);
