import { uuidv7 } from "@doubleshot/messaging";
import { failingReads, fakeAws, stable, until } from "@doubleshot/service-host/testing";
import type { RunningService } from "@doubleshot/service-kit";
import { beforeEach, describe, expect, test } from "vitest";
import { useOrders } from "../orders.fixture.ts";

const here = useOrders(fakeAws);
let service: RunningService;

beforeEach(async () => {
  service = await here.start();
});

const get = (path: string) => fetch(`${service.url}${path}`);

function post(body: unknown, headers: Record<string, string> = {}, path = "/orders"): Promise<Response> {
  return fetch(`${service.url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
}

describe("posting an order", () => {
  test("answers at once, with the order and where it is", async () => {
    const response = await post({ name: "Ada", order_total: 250 });
    expect(response.status).toBe(201);
    const order = Object(await response.json());
    expect(response.headers.get("location")).toBe(`/orders/${order.id}`);
    expect(stable(order)).toMatchInlineSnapshot(`
      {
        "id": "<id 1>",
        "items": [
          {
            "quantity": 1,
            "sku": "americano",
          },
        ],
        "name": "Ada",
        "order_total": 250,
        "placed_at": "<time>",
        "status": "PLACED",
      }
    `);
    expect(await (await get(`/orders/${order.id}`)).json()).toEqual(order);
  });

  test.each(["/orders", "/orders/"])("%s without a body is one americano", async (path) => {
    const response = await fetch(`${service.url}${path}`, { method: "POST" });
    expect(response.status).toBe(201);
    expect(await response.json()).toMatchObject({ status: "PLACED", items: [{ sku: "americano", quantity: 1 }] });
  });

  test.each([
    [415, "latte", "text/plain"],
    [400, "{", "application/json"],
    [400, '{"order_total":"free"}', "application/json"],
    [413, JSON.stringify({ name: "n".repeat(17 * 1024) }), "application/json"],
  ])("%d for what is no order: %s", async (status, body, type) => {
    const response = await fetch(`${service.url}/orders`, { method: "POST", body, headers: { "content-type": type } });
    expect(response.status).toBe(status);
    expect(response.headers.get("content-type")).toContain("application/problem+json");
  });
});

describe("posting under an Idempotency-Key", () => {
  test("twice is one order, returned as it is by then", async () => {
    const first = Object(await (await post({ name: "Ada" }, { "idempotency-key": "once" })).json());
    await here.bar.starts(first.id);
    await until(async () => Object(await (await get(`/orders/${first.id}`)).json()).status === "BREWING");
    const second = await post({ name: "Ada" }, { "idempotency-key": "once" });
    expect(second.status).toBe(201);
    expect(second.headers.get("location")).toBe(`/orders/${first.id}`);
    expect(await second.json()).toMatchObject({ id: first.id, status: "BREWING" });
  });

  test("for another request is refused", async () => {
    await post({ name: "Ada" }, { "idempotency-key": "taken" });
    expect((await post({ name: "Bob" }, { "idempotency-key": "taken" })).status).toBe(422);
  });

  test("and then coming to the counter with it is waiting for the same order", async () => {
    const { id } = Object(await (await post({ name: "Ada" }, { "idempotency-key": "both" })).json());
    const answer = post({ name: "Ada" }, { "idempotency-key": "both" }, "/order/");
    await here.bar.finishes(id);
    expect(await (await answer).json()).toMatchObject({ id, status: "COMPLETED" });
  });

  test("keeps this row", async () => {
    await fetch(`${service.url}/orders`, { method: "POST", headers: { "idempotency-key": "k-1" } });
    expect(stable(await here.rows("orders-requests"))).toMatchInlineSnapshot(`
      [
        {
          "expiresAt": "<epoch seconds>",
          "hash": "qK0qleKGK-DFOBFjolAJqHD830disuwSo0VIQ4G4YUw",
          "key": "address:127.0.0.1#k-1",
          "orderId": "<id 1>",
        },
      ]
    `);
  });
});

describe("getting an order", () => {
  test("works under both paths, with and without a slash", async () => {
    const { id } = Object(await (await post({})).json());
    for (const path of [`/orders/${id}`, `/orders/${id}/`, `/order/${id}`, `/order/${id}/`]) {
      expect(await (await get(path)).json()).toMatchObject({ id, status: "PLACED" });
    }
  });

  test.each([
    [404, uuidv7()],
    [404, uuidv7().toUpperCase()],
    [404, "latte"],
    [404, "%F0%9F%98%80"],
    [404, "..%2F..%2Fetc"],
    [404, "%00"],
    [404, "x".repeat(4_000)],
    [400, "%E0%A4%A"],
  ])("%d for an order nobody placed: %s", async (status, id) => {
    for (const path of ["/orders", "/order"]) {
      const response = await get(`${path}/${id}`);
      expect(response.status).toBe(status);
      expect(response.headers.get("content-type")).toContain("application/problem+json");
    }
  });

  test("an id in upper case is the same order, on every route", async () => {
    const { id } = Object(await (await fetch(`${service.url}/orders`, { method: "POST" })).json());
    const upper = String(id).toUpperCase();
    for (const path of ["/orders", "/order"]) {
      expect(Object(await (await get(`${path}/${upper}`)).json()).id).toBe(id);
    }
    const stream = await fetch(`${service.url}/orders/${upper}/events`);
    expect(stream.status).toBe(200);
    await stream.body?.cancel();
    const cancelled = await fetch(`${service.url}/orders/${upper}/cancel`, { method: "POST" });
    expect(Object(await cancelled.json())).toMatchObject({ id, status: "CANCELLING" });
    expect(cancelled.headers.get("location")).toBe(`/orders/${id}`);
  });

  test("another method is refused with the methods that are allowed", async () => {
    const response = await fetch(`${service.url}/orders/${uuidv7()}`, { method: "DELETE" });
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe("GET, HEAD");
  });
});

test("the service is alive and ready", async () => {
  expect((await get("/livez")).status).toBe(200);
  expect((await get("/readyz")).status).toBe(200);
});

test("while the table does not answer, asking for an order is a 503 that says to ask again, not a 500", async () => {
  const error = Object.assign(new Error("no answer"), { name: "TimeoutError", $metadata: {} });
  const cutOff = await here.start({}, { clients: failingReads(here.shop.clients, { error }) });
  const key = { "idempotency-key": uuidv7() };
  const first = await fetch(`${cutOff.url}/orders`, { method: "POST", headers: key });
  const { id } = Object(await first.json());
  for (const asked of [
    fetch(`${cutOff.url}/orders/${id}`),
    fetch(`${cutOff.url}/orders`, { method: "POST", headers: key }),
  ]) {
    const { status, headers } = await asked;
    expect([status, headers.get("retry-after")]).toEqual([503, "1"]);
  }
});
