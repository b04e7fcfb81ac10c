import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type OpenShop, openShop } from "./open-shop.ts";
import { freePorts, waitForFreePorts } from "./ports.ts";

const post = (url: string, signal: AbortSignal | null = null) => fetch(url, { method: "POST", signal });

async function ticketAt(bar: string): Promise<string> {
  let id = "";
  await expect
    .poll(
      async () => {
        const answer = await fetch(`${bar}/start/`);
        if (answer.status === 200) id = Object.assign({ order_id: "" }, await answer.json()).order_id;
        return id;
      },
      { interval: 10 },
    )
    .not.toBe("");
  return id;
}

describe("two shops side by side, one of several processes", () => {
  let ports: Record<"orders" | "barista" | "dynamodb" | "messaging" | "admin", number>;
  let one: OpenShop;
  let other: OpenShop;
  beforeAll(async () => {
    ports = await fivePorts();
    const { orders, barista, dynamodb, messaging, admin } = ports;
    one = await openShop({
      ports: { dynamodb, messaging, admin },
      services: { orders: { port: orders, env: [{}, { LOG_LEVEL: "fatal" }] }, barista: { port: barista } },
    });
    other = await openShop({ only: ["orders"] });
  });
  afterAll(() => Promise.all([one?.close(), other?.close()]));

  test("have addresses of their own, those that are given among them", () => {
    expect(one.services.orders.map(({ name }) => name)).toEqual(["orders-1", "orders-2"]);
    expect(one.services.orders[0]?.url).toBe(`http://127.0.0.1:${ports.orders}`);
    const urls = [one, other].flatMap(({ services }) => Object.values(services).flat()).map(({ url }) => url);
    expect(new Set(urls).size).toBe(urls.length);
  });

  test("have processes of the named services only", () => {
    expect(Object.keys(one.services)).toEqual(Object.keys(other.services));
    const running = Object.entries(other.services).filter(([, processes]) => processes.length > 0);
    expect(running.map(([name]) => name)).toEqual(["orders"]);
  });

  test("serve an order", async () => {
    const customer = post(`${one.services.orders[1]?.url}/order/`);
    const id = await ticketAt(one.services.barista[0]?.url ?? "");
    await post(`${one.services.barista[0]?.url}/finish/?order_id=${id}`);
    const answer = await customer;
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ id, status: "COMPLETED" });
    // Its own environment: it served the customer and logged no request.
    expect(one.services.orders[1]?.output()).toHaveLength(1);
  });

  test("start a killed process again, at its address", async () => {
    const [orders] = other.services.orders;
    if (!orders) throw new Error("no orders process");
    const { url, pid } = orders;
    await orders.kill();
    await orders.up();
    expect(orders.pid).not.toBe(pid);
    expect(orders.url).toBe(url);
    expect((await fetch(`${url}/livez`)).status).toBe(200);
  });

  test("leave no process when they are closed", async () => {
    await one.close();
    await nobodyOn(ports);
  });
});

test("as many environments as processes, or one for all", async () => {
  await expect(openShop({ services: { orders: { count: 3, env: [{}, {}] } } })).rejects.toThrow(
    "services.orders has count 3 and 2 environments: give as many as processes.",
  );
});

test("a service that refuses its configuration closes what had been opened, and its sentence is thrown", async () => {
  const ports = await fivePorts();
  const { orders, barista, dynamodb, messaging, admin } = ports;
  const opening = openShop({
    only: ["orders", "barista"],
    ports: { dynamodb, messaging, admin },
    services: { orders: { port: orders }, barista: { port: barista, env: { LEASE_SECONDS: "long" } } },
  });
  await expect(opening).rejects.toThrow(/^LEASE_SECONDS is "long"; it must be [^\n]*\.$/);
  // npm start prints such a sentence alone, without a stack.
  await expect(opening).rejects.toHaveProperty("exitSentence", true);
  await nobodyOn(ports);
});

async function fivePorts() {
  const [orders = 0, barista = 0, dynamodb = 0, messaging = 0, admin = 0] = await freePorts(5);
  return { orders, barista, dynamodb, messaging, admin };
}

/** Every port of a closed shop is free at once. */
async function nobodyOn(ports: Record<string, number>) {
  await waitForFreePorts(
    Object.entries(ports).map(([name, port]) => ({ name, port, setting: name })),
    0,
  );
}
