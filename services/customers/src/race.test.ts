import { TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import { type DynamoDBDocumentClient, TransactWriteCommand } from "@aws-sdk/lib-dynamodb";
import { OrderCreated } from "@doubleshot/contracts";
import { createOutbox, poll, subscriber } from "@doubleshot/messaging";
import { FakeAws, VirtualTime } from "@doubleshot/messaging/testing";
import { OtherService } from "@doubleshot/service-host/testing";
import { coffeeShop } from "@doubleshot/shop";
import { expect, test } from "vitest";
import { open } from "./customer.ts";
import { CustomerStore } from "./customer-store.ts";
import { keepAccounts } from "./keep-accounts.ts";
import { Ledger } from "./ledger.ts";
import { ReservationStore } from "./reservation-store.ts";

const orders = 200;
const total = 10;
const customerId = "0198c0de-0000-7000-8000-000000000001";
const { topology } = coffeeShop;
const { source, names } = coffeeShop.services.customers;
const minute = 60_000;

interface TransactItem {
  readonly Put?: { readonly TableName?: string; readonly Item?: Record<string, unknown> };
  readonly Update?: { readonly TableName?: string; readonly Key?: Record<string, unknown> };
}

/**
 * Items of the transactions that are under way, as DynamoDB has them: a transaction that meets another one on an item is
 * cancelled. The fake's own transactions take no time.
 */
class Collisions {
  readonly #held = new Set<string>();
  transactions = 0;
  lost = 0;

  guard(client: DynamoDBDocumentClient): DynamoDBDocumentClient {
    const send = async (command: object) => {
      if (!(command instanceof TransactWriteCommand)) return Reflect.apply(client.send, client, [command]);
      this.transactions += 1;
      const items = command.input.TransactItems ?? [];
      const keys = items.map((item) => keyOf(item as TransactItem));
      const isHeld = keys.map((key) => this.#held.has(key));
      if (isHeld.includes(true)) {
        this.lost += 1;
        const CancellationReasons = isHeld.map((held) => ({ Code: held ? "TransactionConflict" : "None" }));
        throw new TransactionCanceledException({ message: "cancelled", $metadata: {}, CancellationReasons });
      }
      for (const key of keys) this.#held.add(key);
      try {
        return await Reflect.apply(client.send, client, [command]);
      } finally {
        for (const key of keys) this.#held.delete(key);
      }
    };
    return Object.create(client, { send: { value: send } });
  }
}

function keyOf({ Put, Update }: TransactItem): string {
  const { id, message, aggregate, customer, entry } = { ...Put?.Item, ...Update?.Key };
  return [Put?.TableName ?? Update?.TableName, id ?? message ?? aggregate ?? `${customer} ${entry}`].join(" ");
}

/** Handles the orders of one customer, all at once, in two processes. */
async function race(limit: number) {
  const time = new VirtualTime();
  const aws = new FakeAws({ time, tables: topology.tables, queues: topology.queues });
  const collisions = new Collisions();
  const stop = new AbortController();
  const [customer, queue] = [
    open({ name: "Jane Doe", limit }, { id: customerId, at: "2026-01-31T08:30:00.000Z" }),
    aws.sqs.queue(names.queue),
  ];
  const client = collisions.guard(aws.clients().documents);
  const tables = { outbox: names.outbox, inbox: names.inbox };
  const { clock } = aws.process("customers");
  const outbox = createOutbox({ client, source, tables, clock });
  const customers = new CustomerStore(client, "customers");
  const parts = { customers, ledger: new Ledger(client, "customers-ledger") };
  const reservations = new ReservationStore({ outbox, client, table: "customers-reservations" });
  let isOpen = false;
  void outbox.commit({ aggregate: `customer#${customerId}`, save: customers.save(customer) }).then(() => {
    isOpen = true;
  });
  expect(await time.pass(() => isOpen, minute)).toBe(true);
  const orderEvents = new OtherService(
    "/doubleshot/orders",
    async ({ group, body }) => void queue.send({ body, group, deduplicationId: group }),
  );
  const createdAt = new Date(time.now()).toISOString();
  for (let n = 0; n < orders; n++) {
    const orderId = `0198c0de-0000-7000-9000-${String(n).padStart(12, "0")}`;
    await orderEvents.publish(`order#${orderId}`, OrderCreated({ orderId, customerId, total, createdAt }));
  }
  for (let n = 0; n < 2; n++) {
    const handlers = subscriber("customers", outbox, keepAccounts({ outbox, reservations, ...parts }));
    const [queueUrl, dead] = [aws.queueUrl(names.queue), { queueUrl: aws.queueUrl(names.deadLetters) }];
    void poll(handlers, { client: aws.clients().sqs, queueUrl, deadLetters: dead, signal: stop.signal, clock });
  }
  const items = (table: string) => aws.dynamodb.table(table).sorted();
  const began = time.now();
  expect(await time.pass(() => items("customers-reservations").length === orders, 10 * minute)).toBe(true);
  const seconds = (time.now() - began) / 1_000;
  stop.abort();
  const [{ available, reserved } = {}] = items("customers");
  return {
    ...{ collisions, seconds, dead: aws.sqs.queue(names.deadLetters).messages.length },
    balance: { available: Number(available?.N), reserved: Number(reserved?.N) },
    refused: items("customers-reservations").filter(({ status }) => status?.S === "REFUSED").length,
  };
}

test.each([
  ["enough for all", orders * total, 0],
  ["enough for half of them", (orders / 2) * total, orders / 2],
])(
  "200 orders of one customer at once, with credit %s: each is answered once, and none is dead",
  async (_, limit, refusals) => {
    const { collisions, seconds, dead, balance, refused } = await race(limit);
    const { transactions, lost } = collisions;
    process.stdout.write(
      `${orders} orders of one customer at once: ${lost} of ${transactions} transactions lost to conflicts, ${seconds.toFixed(1)} s\n`,
    );
    expect(lost).toBeGreaterThan(0);
    // Each process handles the orders of a customer one after the other: all at once, nine in ten would be lost.
    expect(lost).toBeLessThan(transactions / 3);
    expect({ dead, refused, balance }).toEqual({
      dead: 0,
      refused: refusals,
      balance: { available: 0, reserved: limit },
    });
  },
);
