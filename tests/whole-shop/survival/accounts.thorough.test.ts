import { randomInt, randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { paginateScan } from "@aws-sdk/client-dynamodb";
import { createBarista } from "@doubleshot/barista-client";
import { type OpenShop, openShop } from "@doubleshot/dev-shop";
import { coffeeShop } from "@doubleshot/shop";
import { physicalName } from "@doubleshot/topology";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { accountsAndOrders, type Tables, underWay } from "../saga/oracle.ts";

// Orders on account in a shop of real processes, each of which is killed again and again. Every request is repeated under its key
// until it is answered, and in the end each account is the sum of what was answered.

/** Every process is killed in turn. */
const kills = 24;

const folder = mkdtempSync(join(tmpdir(), "doubleshot-accounts-"));
let shop: OpenShop;
beforeAll(async () => {
  shop = await openShop({ only: ["orders", "barista", "customers"], data: join(folder, "aws") });
});
afterAll(async () => {
  await shop?.close();
  rmSync(folder, { recursive: true, force: true });
});

type Name = keyof OpenShop["services"];

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Answers that clients have received. */
let answers = 0;

/** Repeats the request under its key until a process answers it. */
async function ask(service: Name, method: string, path: string, json?: unknown): Promise<Answer> {
  const headers = { "content-type": "application/json", "idempotency-key": randomUUID() };
  const init = { method, headers, ...(json !== undefined && { body: JSON.stringify(json) }) };
  const attempt = async () => {
    // Rejects while the process is down.
    const response = await fetch(`${shop.services[service][0]?.url}${path}`, init);
    const text = await response.text();
    if (response.status >= 500) throw new Error(`${service} answers ${response.status}.`);
    answers += 1;
    return { status: response.status, body: text === "" ? {} : Object(JSON.parse(text)) };
  };
  return vi.waitFor(attempt, { timeout: 120_000 });
}

/** The ids in these answers. */
const told = { orders: [] as string[], payments: [] as string[], cancelled: [] as string[] };

async function step(customers: readonly string[]): Promise<void> {
  const customer = customers[randomInt(customers.length)] ?? "";
  const dice = randomInt(10);
  if (dice < 5) {
    const { status, body } = await ask("orders", "POST", "/orders", {
      customer_id: customer,
      order_total: randomInt(1, 120),
    });
    expect(status).toBe(201);
    told.orders.push(String(body.id));
  } else if (dice < 7) {
    const id = told.orders[randomInt(Math.max(1, told.orders.length))];
    if (id === undefined) return;
    const { status } = await ask("orders", "POST", `/orders/${id}/cancel`);
    expect([200, 202, 409]).toContain(status);
    if (status !== 409) told.cancelled.push(id);
  } else if (dice < 9) {
    const { status, body } = await ask("customers", "POST", `/customers/${customer}/payments`, {
      amount: randomInt(1, 120),
    });
    expect([201, 409]).toContain(status);
    if (status === 201) told.payments.push(String(body.id));
  } else {
    const { status } = await ask("customers", "PATCH", `/customers/${customer}`, { credit_limit: randomInt(300) });
    expect(status).toBe(200);
  }
}

async function killEachAgainAndAgain(): Promise<void> {
  const processes = [...Object.values(shop.services).flat(), shop.aws];
  for (let kill = 0; kill < kills; kill++) {
    const victim = processes[kill % processes.length];
    // Kills fall at any point of the clients' work.
    const due = answers + randomInt(1, 20);
    await expect.poll(() => answers, { interval: 10 }).toBeGreaterThanOrEqual(due);
    await victim?.kill();
    await victim?.up();
  }
}

/** The items of all tables, at this moment. */
async function readTables(): Promise<Tables> {
  const read = async (table: string) => {
    const TableName = physicalName(shop.shopName, table);
    const pages = paginateScan({ client: shop.aws.clients.dynamodb }, { TableName, ConsistentRead: true });
    return [table, (await Array.fromAsync(pages)).flatMap(({ Items = [] }) => Items)] as const;
  };
  const tables = new Map(await Promise.all(Object.keys(coffeeShop.topology.tables).map(read)));
  const items: Tables["items"] = (table) => tables.get(table) ?? [];
  const item: Tables["item"] = (table, key) =>
    items(table).find((each) => Object.entries(key).every(([name, value]) => isDeepStrictEqual(each[name], value)));
  return { items, item };
}

const finalStatuses = ["COMPLETED", "CANCELLED", "REJECTED"];

test("kill -9 of every process, again and again, loses and doubles no money", { timeout: 600_000 }, async () => {
  const customers: string[] = [];
  for (let n = 0; n < 3; n++) {
    const opened = await ask("customers", "POST", "/customers", {
      name: `Jane ${n}`,
      credit_limit: randomInt(50, 300),
    });
    customers.push(String(opened.body.id));
  }
  const [killed, brewed] = [new AbortController(), new AbortController()];
  const clients = Array.from({ length: 4 }, async () => {
    while (!killed.signal.aborted) await step(customers);
  });
  const url = shop.services.barista[0]?.url ?? "";
  const bar = createBarista({ url, brew: async () => undefined, signal: brewed.signal, concurrency: 4 });
  await killEachAgainAndAgain();
  killed.abort();
  await Promise.all(clients);
  const open = async () => {
    const tables = await readTables();
    const orders = tables.items("orders").filter(({ status }) => !finalStatuses.includes(status?.S ?? ""));
    return [...orders.map(({ id, status }) => `the order ${id?.S} is ${status?.S}`), ...underWay(tables)];
  };
  await expect.poll(open, { timeout: 120_000, interval: 500 }).toEqual([]);
  brewed.abort();
  await bar.closed;
  expect(accountsAndOrders(await readTables(), told)).toEqual([]);
  // Each kind of step has been taken: the test would otherwise say little.
  for (const answered of Object.values(told)) expect(answered.length).toBeGreaterThan(0);
});
