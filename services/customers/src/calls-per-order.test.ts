import { CancelConfirmed, OrderCompleted, OrderCreated } from "@doubleshot/contracts";
import { uuidv7 } from "@doubleshot/messaging";
import { countedClients, until, useLocalAws, useService } from "@doubleshot/service-host/testing";
import { coffeeShop } from "@doubleshot/shop";
import { expect, test } from "vitest";
import { OpenAccount } from "./open-account.ts";
import { PayDebt } from "./pay-debt.ts";
import { customersService } from "./service.ts";

const aws = useLocalAws();
const here = useService(coffeeShop.services.customers, customersService, aws);

test("each step of an order costs one transaction, and the usual ones no read", async () => {
  const { clients, calls, writeUnits } = countedClients(aws.endpoints);
  const container = here.container();
  const opened = await container.get(OpenAccount).open({ name: "Jane Doe", limit: 250 }, undefined);
  const customerId = opened.outcome === "opened" ? opened.customer.id : expect.fail(opened.outcome);
  await here.start({}, { clients });
  calls.length = 0;
  const orders = here.otherService("orders");
  const at = new Date().toISOString();
  const statusOf = async (id: string) =>
    (await here.rows("customers-reservations")).find((reservation) => reservation.id === id)?.status;
  const untilIs = (id: string, status: string) => until(async () => (await statusOf(id)) === status);

  const [done, cancelled, refused] = [uuidv7(), uuidv7(), uuidv7()];
  for (const [orderId, total] of [
    [done, 100],
    [cancelled, 100],
    [refused, 100],
  ] as const) {
    await orders.publish(`order#${orderId}`, OrderCreated({ orderId, customerId, total, createdAt: at }));
    await untilIs(orderId, orderId === refused ? "REFUSED" : "RESERVED");
  }
  await orders.publish(`order#${done}`, OrderCompleted({ orderId: done, customerId, completedAt: at }));
  await untilIs(done, "CHARGED");
  await orders.publish(`order#${cancelled}`, CancelConfirmed({ orderId: cancelled, customerId, confirmedAt: at }));
  await untilIs(cancelled, "RELEASED");
  await here.container({}, clients).get(PayDebt).pay(customerId, 100, "key");

  const prefix = new RegExp(`\\b${here.shop.name}-`, "g");
  // The consumer itself reads the markers of blocked groups after each receive.
  const own = calls.map((call) => call.replace(prefix, "")).filter((call) => !/^\w+Get\w* customers-inbox$/.test(call));
  const all = "customers customers-inbox customers-ledger";
  expect(own).toEqual([
    `TransactWriteItems ${all} customers-outbox customers-reservations`,
    `TransactWriteItems ${all} customers-outbox customers-reservations`,
    // Refused by its condition, and then kept as a refusal.
    `TransactWriteItems ${all} customers-outbox customers-reservations`,
    "TransactWriteItems customers-inbox customers-outbox customers-reservations",
    `TransactWriteItems ${all} customers-reservations`,
    `TransactWriteItems ${all} customers-reservations`,
    "GetItem customers",
    "TransactWriteItems customers customers-ledger customers-requests",
  ]);
  expect(writeUnits).toEqual([10, 10, 6, 8, 8, 6]);
});
