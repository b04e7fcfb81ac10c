import { watchedReceives } from "@doubleshot/local-aws";
import { uuidv7 } from "@doubleshot/messaging";
import { describe, expect, test } from "vitest";
import { until } from "./test-shop.fixture.ts";
import { useOrders } from "./use-orders.fixture.ts";

const here = useOrders();

test("a counter that is about to close is not ready and takes no orders, and does the rest until it drains", async () => {
  const closing = new AbortController();
  const counter = await here.open({}, closing);
  const answer = here.order(counter, "Ada");
  const id = await here.nextOrder();
  closing.abort();
  expect((await fetch(`${counter.url}/readyz`)).status).toBe(503);
  for (const path of ["/order/", "/orders"]) {
    const refused = await fetch(`${counter.url}${path}`, { method: "POST" });
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "1"]);
  }
  expect(await here.shop.orderIds()).toEqual([id]);
  expect((await fetch(`${counter.url}/orders/${id}`)).status).toBe(200);
  const other = await here.open();
  await here.shop.bar.finishes(id);
  expect((await answer).status).toBe(200);
  await other.drain();
});

test("a counter that is about to close asks for no more messages", async () => {
  using receives = watchedReceives(here.aws, "orders-subscriber.fifo");
  const closing = new AbortController();
  await here.open({}, { clients: receives.clients, signal: closing.signal });
  await expect.poll(receives.underWay).toBe(1);
  closing.abort();
  await expect.poll(receives.underWay).toBe(0);
});

test("a counter that is about to close tells those who come back of the order they have", async () => {
  const closing = new AbortController();
  const counter = await here.open({}, closing);
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
  test("sends the waiting on, to where their orders are, and the orders go on", async () => {
    const closing = await here.open();
    const answers = ["Ada", "Bob"].map((name) => here.order(closing, name));
    const ids = await until(async () => {
      const found = await here.shop.orderIds();
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

    const next = await here.open();
    await here.shop.bar.finishes(ids[0] ?? "");
    const done = await until(async () => {
      const found = Object(await (await fetch(`${next.url}/orders/${ids[0]}`)).json());
      return found.status === "COMPLETED" && found;
    });
    expect(done).toMatchObject({ id: ids[0] });
  });

  test("finishes the handlers under way and leaves no instance behind", async () => {
    const closing = await here.open();
    for (let i = 0; i < 20; i++) await here.shop.bar.finishes(uuidv7());
    await until(async () => (await here.inbox()).length > 0);
    await closing.drain();
    expect(await here.shop.rows("orders-instances")).toEqual([]);
    // Handled or given back, none in between: the next process gets the rest.
    await here.open();
    await until(async () => (await here.inbox()).length === 20, 45);
  });

  test("leaves no way in", async () => {
    const closing = await here.open();
    await closing.drain();
    await expect(fetch(`${closing.url}/readyz`)).rejects.toThrow();
  });
});
