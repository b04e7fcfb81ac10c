import { fakeAws, until } from "@doubleshot/service-host/testing";
import { expect, test } from "vitest";
import { type Counter, json, useCounters } from "./counter.fixture.ts";

const all = useCounters(fakeAws);

const from = (address: string, more: Record<string, string> = {}) => ({ "x-forwarded-for": address, ...more });
const ada = from("192.0.2.1");

async function placeAll(counter: Counter, count: number, headers: Record<string, string>): Promise<number[]> {
  const answers = Array.from({ length: count }, () => counter.post("/orders", headers));
  return (await Promise.all(answers)).map(({ status }) => status).sort();
}

test("an address that orders too fast gets a 429 with Retry-After, and other addresses are served", async () => {
  const counter = await all.open({ RATE_BURST: "3", RATE_PER_SECOND: "0.01" });
  expect(await placeAll(counter, 5, ada)).toEqual([201, 201, 201, 429, 429]);
  const refused = await counter.post("/orders", ada);
  expect(refused.status).toBe(429);
  expect(refused.headers.get("retry-after")).toMatch(/^(100|\d\d)$/);
  expect(refused.headers.get("ratelimit-policy")).toBe('"orders";q=3;w=300');
  expect(refused.headers.get("ratelimit")).toMatch(/^"orders";r=0;t=[23]\d\d$/);
  expect((await counter.post("/orders", from("192.0.2.2"))).status).toBe(201);
});

test("an address that ordered too fast is served again when its time has come", async () => {
  const counter = await all.open({ RATE_BURST: "3", RATE_PER_SECOND: "2" });
  await until(async () => (await placeAll(counter, 5, ada)).includes(429));
  await until(async () => (await counter.post("/orders", ada)).status === 201);
});

test("an IPv6 address counts with all of its /64", async () => {
  const counter = await all.open({ RATE_BURST: "1", RATE_PER_SECOND: "0.01" });
  const post = async (address: string) => (await counter.post("/orders", from(address))).status;
  expect(await post("2001:db8:0:1::1")).toBe(201);
  expect(await post("2001:db8:0:1:ffff::2")).toBe(429);
  expect(await post("2001:db8:0:2::1")).toBe(201);
});

test.each([
  ["203.0.113.7:17085", "203.0.113.8:17085"],
  ["[2001:db8:0:1::1]:443", "[2001:db8:0:2::1]:443"],
  ["::ffff:c633:6409", "::ffff:c633:640a"],
  ["64:ff9b::c633:6409", "64:ff9b::c633:640a"],
  ["fe80:0:0:1::1%eth0", "fe80:0:0:2::1%eth0"],
  ["_hidden-1", "_hidden-2"],
])("%s and %s are two customers: with a key and a limit each", async (one, other) => {
  const counter = await all.open({ RATE_BURST: "1", RATE_PER_SECOND: "0.01" });
  const order = async (address: string) => {
    const response = await counter.post("/orders", from(address, { "idempotency-key": "order-1" }));
    return { status: response.status, id: (await json(response)).id };
  };
  const [first, second] = [await order(one), await order(other)];
  expect([first.status, second.status]).toEqual([201, 201]);
  expect(second.id).not.toBe(first.id);
  expect(await order(one)).toEqual(first);
  expect((await counter.post("/orders", from(one))).status).toBe(429);
});

test.each(["unknown", ""])("a proxy that reports its clients as %j lends them no key", async (address) => {
  const counter = await all.open();
  const refused = await counter.post("/orders", from(address, { "idempotency-key": "order-1" }));
  expect(refused.status).toBe(400);
  expect((await json(refused)).detail).toContain("does not report your address");
  expect((await counter.post("/orders", from(address))).status).toBe(201);
});

test("a proxy that sends no X-Forwarded-For lends its clients no key", async () => {
  const { url } = await all.open();
  const headers = { "idempotency-key": "order-1" };
  expect((await fetch(`${url}/orders`, { method: "POST", headers })).status).toBe(400);
  expect((await fetch(`${url}/orders`, { method: "POST" })).status).toBe(201);
});

test("without TRUST_PROXY, nobody gets around the limits by claiming another address", async () => {
  const counter = await all.open({ RATE_BURST: "1", RATE_PER_SECOND: "0.01", TRUST_PROXY: "off" });
  expect((await counter.post("/orders", from("192.0.2.1"))).status).toBe(201);
  expect((await counter.post("/orders", from("192.0.2.2"))).status).toBe(429);
});

test("open orders are counted for the whole shop, and room comes as they are done", async () => {
  const [one, other] = [await all.open({ OPEN_ORDERS: "3" }), await all.open({ OPEN_ORDERS: "3" })];
  expect(await placeAll(one, 3, ada)).toEqual([201, 201, 201]);
  const refused = await other.post("/orders", ada);
  expect(refused.status).toBe(429);
  expect(refused.headers.get("retry-after")).toBe("5");
  expect((await json(refused)).detail).toContain("open orders");
  const [id = ""] = await all.orderIds();
  await all.bar.finishes(id);
  await until(async () => (await other.post("/orders", ada)).status === 201);
});

test("a refused order leaves no rows", async () => {
  const counter = await all.open({ RATE_BURST: "1", RATE_PER_SECOND: "0.01" });
  await placeAll(counter, 1, ada);
  await counter.post("/order/", { ...ada, "idempotency-key": "k-1" });
  expect(await all.orderIds()).toHaveLength(1);
  expect(await all.rows("orders-requests")).toEqual([]);
});

test("an address's n-th open order takes turn n", async () => {
  const counter = await all.open();
  for (const address of ["192.0.2.1", "192.0.2.1", "192.0.2.2", "192.0.2.1"]) await counter.place({}, address);
  const news = (await all.rows("orders-outbox")).flatMap(({ events }) => events as { json: string }[]);
  const placed = news.map(({ json }) => JSON.parse(json).data as { orderId: string; turn: number });
  const turns = placed.sort((a, b) => (a.orderId < b.orderId ? -1 : 1)).map(({ turn }) => turn);
  expect(turns).toEqual([1, 2, 1, 3]);
});

test("a request with a known key is admitted, whatever the limits", async () => {
  const counter = await all.open({ RATE_BURST: "1", RATE_PER_SECOND: "0.01", OPEN_ORDERS: "1" });
  const keyed = { ...ada, "idempotency-key": "k-1" };
  const first = counter.post("/order/", keyed);
  const id = await until(async () => (await all.orderIds())[0]);
  const repeats = Array.from({ length: 5 }, () => counter.post("/order/", keyed));
  expect((await counter.post("/orders", ada)).status).toBe(429);
  expect((await counter.post("/orders", keyed, { name: "Bob" })).status).toBe(422);
  await all.bar.finishes(id);
  for (const answer of [first, ...repeats]) expect(await json(answer)).toMatchObject({ id, status: "COMPLETED" });
});

test("a full process refuses new callers until a place is free", async () => {
  const counter = await all.open({ MAX_WAITING: "2" });
  const waiting = ["192.0.2.1", "192.0.2.2"].map((address) => counter.post("/order/", from(address)));
  const ids = await until(async () => {
    const found = await all.orderIds();
    return found.length === 2 && found;
  });
  const refused = [
    await counter.post("/order/", from("192.0.2.3")),
    await counter.get(`/orders/${ids[0]}`, { prefer: "wait=5" }),
    await counter.get(`/orders/${ids[0]}/events`),
  ];
  for (const response of refused) {
    expect(response.status).toBe(503);
    expect(response.headers.get("retry-after")).toBe("5");
  }
  expect((await counter.get(`/orders/${ids[0]}`)).status).toBe(200);
  await Promise.all(ids.map((id) => all.bar.finishes(id)));
  expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual([200, 200]);
  const next = counter.post("/order/", { ...from("192.0.2.3"), prefer: "respond-async" });
  expect((await next).status).toBe(202);
});

test("a full counter gives an address a place of another one that has several", async () => {
  const counter = await all.open({ MAX_WAITING: "3" });
  const id = await counter.place();
  const wait = (address: string) => counter.get(`/orders/${id}`, { ...from(address), prefer: "wait=60" });
  const attack = [wait("192.0.2.66"), wait("192.0.2.66"), wait("192.0.2.66")];
  await until(async () => (await (await fetch(`${counter.url}/metrics`)).text()).includes("orders_waiting 3\n"));
  expect((await wait("192.0.2.66")).status).toBe(503);
  const customer = counter.post("/order/", from("192.0.2.7"));
  expect((await Promise.race(attack)).status).toBe(429);
  const ids = await until(async () => {
    const found = await all.orderIds();
    return found.length === 2 && found;
  });
  await Promise.all(ids.map((each) => all.bar.finishes(each)));
  expect((await customer).status).toBe(200);
  expect((await Promise.all(attack)).map(({ status }) => status).sort()).toEqual([200, 200, 429]);
});

test("limits that were met are counted", async () => {
  const counter = await all.open({ RATE_BURST: "1", RATE_PER_SECOND: "0.01" });
  await placeAll(counter, 3, ada);
  const metrics = await (await fetch(`${counter.url}/metrics`)).text();
  expect(metrics).toContain('orders_limited_total{limit="rate"} 2');
  expect(metrics).toContain('orders_total{status="PLACED"} 1');
});
