import { uuidv7 } from "@doubleshot/messaging";
import { until, useLocalAws } from "@doubleshot/service-host/testing";
import { describe, expect, test } from "vitest";
import { useOrders } from "./orders.fixture.ts";

const aws = useLocalAws();
const here = useOrders(aws);

test("a service that is closing is not ready and takes no orders, and does the rest until it drains", async () => {
  const closing = new AbortController();
  const counter = await here.start({}, closing);
  const answer = here.order(counter, "Ada");
  const id = await here.nextOrder();
  closing.abort();
  expect((await fetch(`${counter.url}/readyz`)).status).toBe(503);
  for (const path of ["/order/", "/orders"]) {
    const refused = await fetch(`${counter.url}${path}`, { method: "POST" });
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "1"]);
  }
  expect(await here.orderIds()).toEqual([id]);
  expect((await fetch(`${counter.url}/orders/${id}`)).status).toBe(200);
  const other = await here.start();
  await here.bar.finishes(id);
  expect((await answer).status).toBe(200);
  await other.drain();
});

test("a closing service returns the order of a repeated key", async () => {
  const closing = new AbortController();
  const counter = await here.start({}, closing);
  const ask = (path: string, body = "{}") =>
    fetch(`${counter.url}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", "idempotency-key": "mine" },
      body,
    });
  const placed = Object(await (await ask("/orders")).json());
  closing.abort();
  expect(await (await ask("/orders")).json()).toEqual(placed);
  expect((await ask("/orders", '{"name":"Ada"}')).status).toBe(422);
  const waiting = ask("/order/");
  await until(async () => (await (await fetch(`${counter.url}/metrics`)).text()).includes("orders_waiting 1\n"));
  await counter.drain();
  const sentOn = await waiting;
  expect([sentOn.status, sentOn.headers.get("location")]).toEqual([503, `/orders/${placed.id}`]);
});

describe("draining", () => {
  test("gives each waiting caller the location of its order, and the orders go on", async () => {
    const closing = await here.start();
    const answers = ["Ada", "Bob"].map((name) => here.order(closing, name));
    const ids = await until(async () => {
      const found = await here.orderIds();
      return found.length === 2 && found;
    });
    await closing.drain();
    const responses = await Promise.all(answers);
    for (const response of responses) {
      expect(response.status).toBe(503);
      expect(response.headers.get("retry-after")).toBe("1");
      expect(response.headers.get("content-type")).toContain("application/problem+json");
    }
    const locations = responses.map((response) => response.headers.get("location"));
    expect(locations.toSorted()).toEqual(ids.map((id) => `/orders/${id}`).toSorted());

    const next = await here.start();
    await here.bar.finishes(ids[0] ?? "");
    const done = await until(async () => {
      const found = Object(await (await fetch(`${next.url}/orders/${ids[0]}`)).json());
      return found.status === "COMPLETED" && found;
    });
    expect(done).toMatchObject({ id: ids[0] });
  });

  test("finishes the handlers under way and leaves no instance behind", async () => {
    const closing = await here.start();
    for (let i = 0; i < 20; i++) await here.bar.finishes(uuidv7());
    await until(async () => (await here.inbox()).length > 0);
    await closing.drain();
    expect(await here.rows("orders-instances")).toEqual([]);
    // Handled or given back, none in between: the next process gets the rest.
    await here.start();
    await until(async () => (await here.inbox()).length === 20);
  });

  test("accepts no connection any more", async () => {
    const closing = await here.start();
    await closing.drain();
    await expect(fetch(`${closing.url}/readyz`)).rejects.toThrow();
  });
});
