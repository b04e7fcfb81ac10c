import { until, useLocalAws } from "@doubleshot/service-host/testing";
import { describe, expect, test } from "vitest";
import { json, useCounters } from "./counter.fixture.ts";

const all = useCounters(useLocalAws());

describe.each(["/orders", "/order"])("POST %s", (path) => {
  test("with respond-async answers at once, and says where the order is", async () => {
    const counter = await all.open();
    const response = await counter.post(path, { prefer: "respond-async" });
    expect(response.status).toBe(202);
    expect(response.headers.get("preference-applied")).toBe("respond-async");
    const { id, status } = await json(response);
    expect(status).toBe("PLACED");
    expect(response.headers.get("location")).toBe(`/orders/${id}`);
  });

  test("with wait=N answers 200 when the order is done in time", async () => {
    const counter = await all.open();
    const answer = counter.post(path, { prefer: "wait=60" });
    const id = await until(async () => (await all.orderIds())[0]);
    await all.bar.finishes(id);
    expect((await answer).status).toBe(200);
    expect(await json(answer)).toMatchObject({ id, status: "COMPLETED" });
  });

  test("with wait=N answers 202 when it is not, and the same key goes on waiting", async () => {
    const counter = await all.open();
    const headers = { "idempotency-key": "k-1" };
    const first = await counter.post(path, { ...headers, prefer: "wait=1" });
    expect(first.status).toBe(202);
    expect(first.headers.get("preference-applied")).toBe("wait=1");
    const { id } = await json(first);
    const second = counter.post(path, { ...headers, prefer: "wait=60" });
    await all.bar.finishes(String(id));
    expect((await second).status).toBe(200);
    expect(await all.orderIds()).toEqual([id]);
  });
});

describe("GET of an order", () => {
  test.each<[string, NodeJS.ProcessEnv]>([
    ["where it was placed", {}],
    ["on another instance, by hints alone", { CONSUME: "off", SWEEP: "off" }],
  ])("waits for its end, %s", async (_, env) => {
    const placing = await all.open();
    const waiting = env.CONSUME ? await all.open(env) : placing;
    const id = await placing.place();
    const answer = waiting.get(`/orders/${id}`, { prefer: "wait=60" });
    if (env.CONSUME) await until(async () => (await all.rows("orders"))[0]?.watchers);
    await all.bar.starts(id);
    await all.bar.finishes(id);
    expect(await json(answer)).toMatchObject({ status: "COMPLETED" });
    expect((await answer).headers.get("preference-applied")).toBe("wait=60");
  });

  test("costs no write where the order was placed, which is told of its end anyway", async () => {
    const counter = await all.open();
    const id = await counter.place();
    const answer = counter.get(`/orders/${id}`, { prefer: "wait=60" });
    await until(async () => (await (await fetch(`${counter.url}/metrics`)).text()).includes("orders_waiting 1\n"));
    await all.bar.finishes(id);
    expect((await answer).status).toBe(200);
    // Placed, completed.
    expect(await all.rows("orders")).toMatchObject([{ id, version: 2 }]);
  });

  test("returns the order as it is when time is up", async () => {
    const counter = await all.open();
    const id = await counter.place();
    expect(await json(counter.get(`/order/${id}`, { prefer: "wait=1" }))).toMatchObject({ status: "PLACED" });
  });

  test("has an ETag that changes when the order does, and only then", async () => {
    const [counter, other] = [await all.open(), await all.open({ CONSUME: "off" })];
    const id = await counter.place();
    const tag = (await counter.get(`/orders/${id}`)).headers.get("etag") ?? "";
    expect(tag).toMatch(/^"[\w-]{22}"$/);
    // The order stores the instances on which its callers wait. The ETag does not depend on them.
    await other.get(`/orders/${id}`, { prefer: "wait=1" });
    const same = await counter.get(`/orders/${id}`, { "if-none-match": `"other", ${tag}` });
    expect(same.status).toBe(304);
    expect(same.headers.get("etag")).toBe(tag);
    await all.bar.starts(id);
    await counter.untilIs(id, "BREWING");
    const changed = await counter.get(`/orders/${id}`, { "if-none-match": tag });
    expect(changed.status).toBe(200);
    expect(changed.headers.get("etag")).not.toBe(tag);
  });

  test("sends the waiting on when the process stops", async () => {
    const counter = await all.open();
    const id = await counter.place();
    const answer = counter.get(`/orders/${id}`, { prefer: "wait=60" });
    const metrics = async () => (await (await fetch(`${counter.url}/metrics`)).text()).includes("orders_waiting 1");
    await until(metrics);
    await counter.drain();
    expect((await answer).status).toBe(503);
    expect((await answer).headers.get("location")).toBe(`/orders/${id}`);
  });
});

test("a caller who comes back to another instance is woken there by hints alone", async () => {
  const first = await all.open();
  const second = await all.open({ CONSUME: "off", SWEEP: "off" });
  const gone = new AbortController();
  const headers = { "idempotency-key": "k-1" };
  const lost = first.post("/order/", headers, {}, { signal: gone.signal }).catch(() => "lost");
  const id = await until(async () => (await all.orderIds())[0]);
  gone.abort();
  expect(await lost).toBe("lost");
  const answer = second.post("/order/", headers, {});
  await until(async () => (await all.rows("orders"))[0]?.watchers);
  await all.bar.finishes(id);
  expect(await json(answer)).toMatchObject({ id, status: "COMPLETED" });
});

test("strangers who wait for an order neither end its customer's wait nor keep the customer's other device out", async () => {
  const counter = await all.open();
  const [customer, stranger] = [{ "x-forwarded-for": "192.0.2.7" }, { "x-forwarded-for": "192.0.2.66" }];
  const coffee = counter.post("/order/", customer);
  const id = await until(async () => (await all.orderIds())[0]);
  const attack = Array.from({ length: 60 }, () => counter.get(`/orders/${id}`, { ...stranger, prefer: "wait=60" }));
  const answered: number[] = [];
  for (const answer of attack) void answer.then(({ status }) => answered.push(status));
  await until(async () => answered.length === 11);
  const second = counter.get(`/orders/${id}`, { ...customer, prefer: "wait=60" });
  const refusals: number[] = [];
  void second.then(({ status }) => refusals.push(status));
  const stream = counter.get(`/orders/${id}/events`, customer);
  expect((await stream).status).toBe(200);
  await until(async () => answered.length === 13 || refusals.length > 0);
  expect([answered, refusals]).toEqual([Array(13).fill(429), []]);
  await all.bar.finishes(id);
  expect((await coffee).status).toBe(200);
  expect((await second).status).toBe(200);
  await Promise.all(attack);
  expect(answered.slice(13)).toEqual(Array(47).fill(200));
});

test("a customer who placed an order finds a place to wait for it, however many addresses wait already", async () => {
  const counter = await all.open();
  const id = await counter.place({}, "192.0.2.7");
  const wait = (from: string) => counter.get(`/orders/${id}`, { "x-forwarded-for": from, prefer: "wait=60" });
  const attack = Array.from({ length: 50 }, (_, n) => wait(`198.51.100.${n}`));
  await until(async () => (await (await fetch(`${counter.url}/metrics`)).text()).includes("orders_waiting 50\n"));
  expect((await wait("203.0.113.1")).status).toBe(429);
  const customer = wait("192.0.2.7");
  const named = (name: string) => (response: Response) => [name, response.status];
  const firstAnswer = Promise.race([
    ...attack.map((each) => each.then(named("stranger"))),
    customer.then(named("customer")),
  ]);
  expect(await firstAnswer).toEqual(["stranger", 429]);
  expect((await counter.get(`/orders/${id}/events`, { "x-forwarded-for": "203.0.113.1" })).status).toBe(429);
  const stream = await counter.get(`/orders/${id}/events`, { "x-forwarded-for": "192.0.2.7" });
  expect(stream.status).toBe(200);
  await all.bar.finishes(id);
  expect(await json(customer)).toMatchObject({ id, status: "COMPLETED" });
  expect(await stream.text()).toContain("COMPLETED");
  await Promise.all(attack);
});

test("of too many who wait under one key, those who came first give way, and the others are served", async () => {
  const counter = await all.open();
  const post = () => counter.post("/order/", { "idempotency-key": "k-1" });
  const first = post();
  const [id = ""] = await until(async () => (await all.orderIds()).length > 0 && all.orderIds());
  const answered: number[] = [];
  const others = Array.from({ length: 52 }, async () => answered.push((await post()).status));
  expect((await first).status).toBe(429);
  await until(async () => answered.length === 2);
  expect(answered).toEqual([429, 429]);
  await all.bar.finishes(id);
  await Promise.all(others);
  expect(answered.slice(2)).toEqual(Array(50).fill(200));
});
