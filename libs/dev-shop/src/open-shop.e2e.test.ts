import { expect, test } from "vitest";
import { openShop } from "./open-shop.ts";
import { freePorts, portsToBeFree } from "./ports.ts";

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

test("a shop of several processes serves an order, and none of them is left when it is closed", async () => {
  const [orders = 0, barista = 0, dynamodb = 0, messaging = 0, admin = 0] = await freePorts(5);
  const shop = await openShop({
    ports: { dynamodb, messaging, admin },
    services: { orders: { port: orders, env: [{}, { LOG_LEVEL: "fatal" }] }, barista: { port: barista } },
  });
  try {
    expect(shop.services.orders.map(({ name }) => name)).toEqual(["orders-1", "orders-2"]);
    expect(shop.services.orders[0]?.url).toBe(`http://127.0.0.1:${orders}`);
    const customer = post(`${shop.services.orders[1]?.url}/order/`);
    const id = await ticketAt(shop.services.barista[0]?.url ?? "");
    await post(`${shop.services.barista[0]?.url}/finish/?order_id=${id}`);
    const answer = await customer;
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ id, status: "COMPLETED" });
    // Its own environment: it served the customer and logged no request.
    expect(shop.services.orders[1]?.output()).toHaveLength(1);
  } finally {
    await shop.close();
  }
  await nobodyOn({ orders, barista, dynamodb, messaging, admin });
});

test("as many environments as processes, or one for all", async () => {
  await expect(openShop({ services: { orders: { count: 3, env: [{}, {}] } } })).rejects.toThrow(
    "services.orders has count 3 and 2 environments: give as many as processes.",
  );
});

test("shops stand side by side, and a killed process is back where it was", async () => {
  await using one = await openShop();
  await using other = await openShop();
  const [orders] = one.services.orders;
  if (!orders) throw new Error("no orders process");
  expect(orders.url).not.toBe(other.services.orders[0]?.url);
  const { url, pid } = orders;
  await orders.kill();
  await orders.up();
  expect(orders.pid).not.toBe(pid);
  expect(orders.url).toBe(url);
  expect((await fetch(`${url}/livez`)).status).toBe(200);
});

test("a service that refuses its configuration closes what had been opened, and its sentence is thrown", async () => {
  const [orders = 0, barista = 0, dynamodb = 0, messaging = 0, admin = 0] = await freePorts(5);
  const opening = openShop({
    ports: { dynamodb, messaging, admin },
    services: { orders: { port: orders }, barista: { port: barista, env: { LEASE_SECONDS: "long" } } },
  });
  await expect(opening).rejects.toThrow(/^LEASE_SECONDS is "long"; it must be [^\n]*\.$/);
  await nobodyOn({ orders, barista, dynamodb, messaging, admin });
});

/** Every port of a closed shop is free at once. */
async function nobodyOn(ports: Record<string, number>) {
  await portsToBeFree(
    Object.entries(ports).map(([name, port]) => ({ name, port, setting: name })),
    0,
  );
}
