import { uuidv7 } from "@doubleshot/messaging";
import { stable } from "@doubleshot/service-host/testing";
import { expect, test } from "vitest";
import { useCustomers } from "./customers.fixture.ts";

const here = useCustomers();

/** The balance of the one customer, as it is stored. */
async function balance() {
  const [{ limit, available, reserved, debt } = {}] = await here.rows("customers");
  return { limit, available, reserved, debt };
}

test("an order has its total reserved, and its completion makes it debt", async () => {
  const { openAccount, publishCreated, publishCompleted, waitUntilSettled } = await here.open();
  const id = await openAccount();
  const { orderId } = await publishCreated(id, 100);
  await waitUntilSettled();
  expect(await balance()).toEqual({ limit: 250, available: 150, reserved: 100, debt: 0 });
  expect(await here.committedEvents()).toMatchObject([
    { type: "CreditReserved", orderId, customerId: id, amount: 100 },
  ]);
  await publishCompleted(orderId, id);
  await waitUntilSettled();
  expect(await balance()).toEqual({ limit: 250, available: 150, reserved: 0, debt: 100 });
});

test("a cancelled order gives its credit back", async () => {
  const { openAccount, publishCreated, publishCancelConfirmed, waitUntilSettled } = await here.open();
  const id = await openAccount();
  const { orderId } = await publishCreated(id, 250);
  await publishCancelConfirmed(orderId, id);
  await waitUntilSettled();
  expect(await balance()).toEqual({ limit: 250, available: 250, reserved: 0, debt: 0 });
});

test("an order above the available credit is refused, and one for all of it is not", async () => {
  const { openAccount, publishCreated, waitUntilSettled } = await here.open();
  const id = await openAccount();
  await publishCreated(id, 251);
  await waitUntilSettled();
  await publishCreated(id, 250);
  await waitUntilSettled();
  await publishCreated(id, 1);
  await waitUntilSettled();
  const refused = { type: "CreditRefused", reason: "INSUFFICIENT_CREDIT" };
  const events = await here.committedEvents();
  expect(events.filter(({ type }) => type === "CreditRefused")).toMatchObject([refused, refused]);
  expect(await balance()).toEqual({ limit: 250, available: 0, reserved: 250, debt: 0 });
});

test("an order of an unknown customer is refused for that reason", async () => {
  const { publishCreated, waitUntilSettled } = await here.open();
  await publishCreated(uuidv7(), 1);
  await waitUntilSettled();
  expect(await here.committedEvents()).toMatchObject([{ type: "CreditRefused", reason: "CUSTOMER_NOT_FOUND" }]);
  expect(await here.rows("customers-ledger")).toEqual([]);
});

test("a message that comes twice, and a second request of the same order, reserve nothing more", async () => {
  const { openAccount, publishCreated, deliver, waitUntilSettled } = await here.open();
  const id = await openAccount();
  const { orderId, message } = await publishCreated(id, 100);
  await deliver(orderId, message);
  await publishCreated(id, 100, orderId);
  await waitUntilSettled();
  expect(await balance()).toMatchObject({ available: 150, reserved: 100 });
  const ignored = (await here.rows("customers-inbox")).flatMap(({ ignored }) => ignored ?? []);
  expect(ignored).toEqual(["the reservation is RESERVED already"]);
});

test("stored rows have the shape that running shops have in their tables", async () => {
  const { openAccount, publishCreated, publishCompleted, waitUntilSettled } = await here.open();
  const id = await openAccount();
  const { orderId } = await publishCreated(id, 100);
  await waitUntilSettled();
  await publishCompleted(orderId, id);
  await waitUntilSettled();
  const tables = ["customers", "customers-reservations", "customers-ledger"];
  const rows = Object.fromEntries(await Promise.all(tables.map(async (table) => [table, await here.rows(table)])));
  expect(stable(rows)).toMatchInlineSnapshot(`
    {
      "customers": [
        {
          "available": 150,
          "createdAt": "<time>",
          "debt": 100,
          "id": "<id 1>",
          "limit": 250,
          "name": "Jane Doe",
          "reserved": 0,
          "updatedAt": "<time>",
          "version": 1,
        },
      ],
      "customers-ledger": [
        {
          "amount": 100,
          "at": "<time>",
          "customer": "<id 1>",
          "entry": "<time>#<id 2>#reservation",
          "kind": "reservation",
          "orderId": "<id 2>",
        },
        {
          "amount": 100,
          "at": "<time>",
          "customer": "<id 1>",
          "entry": "<time>#<id 2>#charge",
          "kind": "charge",
          "orderId": "<id 2>",
        },
      ],
      "customers-reservations": [
        {
          "amount": 100,
          "chargedAt": "<time>",
          "customerId": "<id 1>",
          "id": "<id 2>",
          "reservedAt": "<time>",
          "status": "CHARGED",
          "version": 2,
        },
      ],
    }
  `);
});
