import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { type OpenShop, openShop } from "@doubleshot/dev-shop";
import { afterAll, beforeAll, expect, test } from "vitest";
import { finish, start, until } from "./people.fixture.ts";

// The saga between real processes, as a person with curl sees it.

let shop: OpenShop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop?.close());

const portOf = (name: keyof OpenShop["services"]) => new URL(shop.services[name][0]?.url ?? "").port;

/** Runs a command of the documentation in a shell, against the ports of this shop. Returns the answer's JSON. */
async function run(command: string): Promise<Record<string, unknown>> {
  const here = command.replace(":9701", `:${portOf("customers")}`).replace(":9702", `:${portOf("orders")}`);
  const { stdout } = await promisify(execFile)("sh", ["-c", here.replace(/^curl /, "curl --silent ")]);
  return Object(JSON.parse(stdout));
}

const createCustomer = `curl -X POST --header "Content-Type: application/json" -d '{"name": "Jane Doe", "credit_limit": 250}' http://localhost:9701/customers`;
const createOrder = (customer: unknown) =>
  `curl -X POST --header "Content-Type: application/json" -d '{"customer_id": "${customer}", "order_total": 100}' http://localhost:9702/orders`;
const getCustomer = (id: unknown) => `curl http://localhost:9701/customer/${id}`;
const getOrder = (id: unknown) => `curl http://localhost:9702/order/${id}`;
const cancelOrder = (id: unknown) => `curl -X POST http://localhost:9702/order/${id}/cancel`;

const untilOrder = (id: unknown, status: string) =>
  expect.poll(async () => (await run(getOrder(id))).status, until).toBe(status);
const untilCredit = (id: unknown, credit: number) =>
  expect.poll(async () => (await run(getCustomer(id))).available_credit, until).toBe(credit);

test("an account pays for orders as long as it has credit, and a cancelled order gives its credit back", async () => {
  const customer = await run(createCustomer);
  expect(customer).toMatchObject({ name: "Jane Doe", credit_limit: 250, available_credit: 250 });

  const [first, second, third] = [
    await run(createOrder(customer.id)),
    await run(createOrder(customer.id)),
    await run(createOrder(customer.id)),
  ];
  expect(first).toMatchObject({ status: "PENDING", customer_id: customer.id, order_total: 100 });
  const decided = async () => {
    const orders = await Promise.all([first, second, third].map(({ id }) => run(getOrder(id))));
    return orders.map(({ status }) => status).toSorted();
  };
  await expect.poll(decided, until).toEqual(["PLACED", "PLACED", "REJECTED"]);
  await untilCredit(customer.id, 50);
  const orders = await Promise.all([first, second, third].map(({ id }) => run(getOrder(id))));
  expect(orders.find(({ status }) => status === "REJECTED")).toMatchObject({ rejection_reason: "INSUFFICIENT_CREDIT" });

  const [kept, dropped] = orders.filter(({ status }) => status === "PLACED").map(({ id }) => id);
  expect(await run(cancelOrder(dropped))).toMatchObject({ id: dropped, status: "CANCELLING" });
  await untilOrder(dropped, "CANCELLED");
  await untilCredit(customer.id, 150);
  expect(await run(cancelOrder(dropped))).toMatchObject({ status: "CANCELLED" });

  const bar = shop.services.barista[0]?.url ?? "";
  expect(await start(bar)).toMatchObject({ order_id: kept });
  await untilOrder(kept, "BREWING");
  expect(await run(cancelOrder(kept))).toMatchObject({ status: 409, order: { id: kept, status: "BREWING" } });
  await finish(bar, String(kept));
  await untilOrder(kept, "COMPLETED");

  const ledger = () => run(`curl http://localhost:9701/customers/${customer.id}/ledger`);
  await expect.poll(ledger, until).toMatchObject({ reserved: 0, debt: 100 });
  const kinds = ((await ledger()).entries as { kind: string }[]).map(({ kind }) => kind);
  expect(kinds).toEqual(["charge", "release", "reservation", "reservation"]);
  const payment = `curl -X POST --header "Content-Type: application/json" -d '{"amount": 100}' http://localhost:9701/customers/${customer.id}/payments`;
  expect(await run(payment)).toMatchObject({ customer_id: customer.id, amount: 100 });
  expect(await run(getCustomer(customer.id))).toMatchObject({ available_credit: 250 });
});

test("an order of a customer that does not exist is rejected", async () => {
  const { id } = await run(createOrder("01a1fc6f-67fa-72ac-a3ff-6b6317aab121"));
  await untilOrder(id, "REJECTED");
  expect(await run(getOrder(id))).toMatchObject({ rejection_reason: "CUSTOMER_NOT_FOUND" });
});
