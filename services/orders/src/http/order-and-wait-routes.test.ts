import { DeleteCommand } from "@aws-sdk/lib-dynamodb";
import { fakeAws, until } from "@doubleshot/service-host/testing";
import type { RunningService } from "@doubleshot/service-kit";
import { beforeEach, describe, expect, test } from "vitest";
import { useOrders } from "../orders.fixture.ts";

const here = useOrders(fakeAws);
let counter: RunningService;

beforeEach(async () => {
  counter = await here.start({ TRUST_PROXY: "1" });
});

const json = { "content-type": "application/json" };

function order(init: RequestInit = {}, path = "/order/"): Promise<Response> {
  return fetch(`${counter.url}${path}`, { method: "POST", ...init });
}

function orderUnder(key: string, body: object = { name: "Ada" }, from = "192.0.2.1"): Promise<Response> {
  const headers = { ...json, "idempotency-key": key, "x-forwarded-for": from };
  return order({ headers, body: JSON.stringify(body) });
}

const ordersPlaced = (count: number) =>
  until(async () => {
    const ids = await here.orderIds();
    return ids.length === count && ids;
  });

/** Brews the order, and returns its answer. */
async function served(answer: Promise<Response>): Promise<Record<string, unknown>> {
  const [id = ""] = await ordersPlaced(1);
  await here.bar.finishes(id);
  const response = await answer;
  expect(response.status).toBe(200);
  return Object(await response.json());
}

async function problem(answer: Promise<Response>): Promise<{ status: number; detail: string; errors?: unknown }> {
  const response = await answer;
  expect(response.headers.get("content-type")).toContain("application/problem+json");
  const document = Object(await response.json());
  expect(document.status).toBe(response.status);
  return document;
}

const oneAmericano = [{ sku: "americano", quantity: 1 }];

describe("anything is an order", () => {
  test.each<[string, RequestInit]>([
    ["no body", {}],
    ["an empty body", { headers: json, body: "" }],
    ["an empty object", { headers: json, body: "{}" }],
    ["a form", { body: new URLSearchParams({ coffee: "latte" }) }],
    ["plain words", { body: "one latte please" }],
    ["JSON that is not called so", { body: '{"name": 7}', headers: { "content-type": "text/plain" } }],
    ["bytes without a type", { body: new Uint8Array([0, 255]) }],
  ])("%s: one americano", async (_name, init) => {
    const answer = await served(order(init));
    expect(answer).toMatchObject({ status: "COMPLETED", items: oneAmericano });
    expect(answer).not.toHaveProperty("name");
  });

  test("without the slash at the end, too", async () => {
    expect(await served(order({}, "/order"))).toMatchObject({ status: "COMPLETED" });
  });

  test.each(["☕️ 🧑‍🚀 Ünïcødé", "\u0000\u0007\u001b[31m\r\n", "", "<script>", "😀".repeat(200)])(
    "the name %j is called out as it is",
    async (name) => {
      expect(await served(order({ headers: json, body: JSON.stringify({ name }) }))).toMatchObject({ name });
    },
  );

  test("the ordered items are brewed", async () => {
    const asked = { items: [{ sku: "latte", quantity: 2 }], order_total: 840, name: "Ada" };
    const answer = served(order({ headers: json, body: JSON.stringify(asked) }));
    expect(await answer).toMatchObject(asked);
  });
});

test.each([
  ["a total that a double would round", '{"order_total":10.000000000000000001}', "/order_total", "would make it 10;"],
  ["two totals", '{"order_total":300,"order_total":1}', "/order_total", "given twice"],
  ["too many digits in a field that is ignored", '{"trace":12345678901234567890}', "/trace", "a string"],
  ["__proto__", '{"__proto__":{"name":"Eve"}}', "/__proto__", "__proto__"],
  ["half an emoji", String.raw`{"name":"a\ud83d"}`, "/name", "surrogate"],
])("%s would be read as something else: 400, and no order", async (_, body, pointer, detail) => {
  for (const path of ["/order/", "/orders"]) {
    const refused = await problem(order({ headers: { ...json, prefer: "respond-async" }, body }, path));
    expect(refused).toMatchObject({ status: 400, errors: [{ pointer: `#${pointer}` }] });
    expect(refused.detail).toContain(detail);
  }
  expect(await here.orderIds()).toEqual([]);
});

describe("a body that is no order", () => {
  test.each<[string, number, RequestInit]>([
    ["invalid JSON", 400, { headers: json, body: "{name: Ada}" }],
    ["a list", 400, { headers: json, body: "[]" }],
    ["null", 400, { headers: json, body: "null" }],
    ["a number", 400, { headers: json, body: "7" }],
    ["17 KB of JSON", 413, { headers: json, body: JSON.stringify({ name: "n".repeat(17 * 1024) }) }],
    ["17 KB of anything", 413, { body: "x".repeat(17 * 1024) }],
    ["an empty key", 400, { headers: { "idempotency-key": "" } }],
    ["a key with spaces", 400, { headers: { "idempotency-key": "a b" } }],
    ["a key that is too long", 400, { headers: { "idempotency-key": "k".repeat(256) } }],
    ["a key that is not ASCII", 400, { headers: { "idempotency-key": "clé" } }],
  ])("%s: %d", async (_name, status, init) => {
    expect(await problem(order(init))).toHaveProperty("status", status);
    expect(await here.orderIds()).toEqual([]);
  });

  test("a wrong type: 400, naming the field", async () => {
    const { status, detail, errors } = await problem(order({ headers: json, body: '{"items":[{"sku":"latte"}]}' }));
    expect(status).toBe(400);
    expect(detail).toContain("/items/0/quantity");
    expect(errors).toMatchObject([{ pointer: "#/items/0/quantity" }]);
  });

  test("another method: 405, and what is allowed", async () => {
    const answer = order({ method: "PUT" });
    expect(await problem(answer)).toHaveProperty("status", 405);
    expect((await answer).headers.get("allow")).toBe("POST");
  });
});

describe("under an Idempotency-Key", () => {
  test("repeats join the wait: one order, and one answer for all", async () => {
    const answers = Array.from({ length: 10 }, () => orderUnder("k-1"));
    const [id = ""] = await ordersPlaced(1);
    await here.bar.finishes(id);
    for (const answer of await Promise.all(answers)) {
      expect(answer.status).toBe(200);
      expect(await answer.json()).toMatchObject({ id, name: "Ada" });
    }
    expect(await here.orderIds()).toEqual([id]);
  });

  test("a repeat after the answer gets the answer again", async () => {
    const first = await served(orderUnder("k-1"));
    expect(await (await orderUnder("k-1")).json()).toEqual(first);
    expect(await here.orderIds()).toEqual([first.id]);
  });

  test("quotes around the key make no difference, nor does the order of the fields", async () => {
    const body = { name: "Ada", order_total: 300 };
    const first = await served(orderUnder("k-1", body));
    expect(await (await orderUnder('"k-1"', { order_total: 300, name: "Ada" })).json()).toEqual(first);
  });

  test("another request is refused, and the first goes on", async () => {
    const first = orderUnder("k-1");
    await ordersPlaced(1);
    expect(await problem(orderUnder("k-1", { name: "Bob" }))).toHaveProperty("status", 422);
    expect(await served(first)).toMatchObject({ name: "Ada" });
  });

  test("the same key of another caller is another order", async () => {
    const answers = [orderUnder("k-1"), orderUnder("k-1", { name: "Ada" }, "192.0.2.2")];
    const ids = await ordersPlaced(2);
    await Promise.all(ids.map((id) => here.bar.finishes(id)));
    const got = await Promise.all(answers.map(async (answer) => Object(await (await answer).json()).id));
    expect(got.toSorted()).toEqual(ids.toSorted());
  });

  test("a caller who comes back to another instance waits there", async () => {
    const gone = new AbortController();
    const headers = { "idempotency-key": "k-1", "x-forwarded-for": "192.0.2.1" };
    const first = order({ headers, signal: gone.signal });
    const [id = ""] = await ordersPlaced(1);
    gone.abort();
    await expect(first).rejects.toThrow();
    const other = await here.start({ TRUST_PROXY: "1", CONSUME: "off" });
    const second = fetch(`${other.url}/order/`, { method: "POST", headers });
    await until(async () => (await here.rows("orders-requests")).length === 1);
    await here.bar.finishes(id);
    expect(await (await second).json()).toMatchObject({ id, status: "COMPLETED" });
  });

  test("a caller who comes back after completion is answered at once", async () => {
    const first = await served(orderUnder("k-1"));
    const other = await here.start({ TRUST_PROXY: "1", CONSUME: "off", SWEEP: "off", HINTS: "off" });
    const headers = { ...json, "idempotency-key": "k-1", "x-forwarded-for": "192.0.2.1" };
    const body = JSON.stringify({ name: "Ada" });
    const again = await fetch(`${other.url}/order/`, { method: "POST", headers, body });
    expect(await again.json()).toEqual(first);
  });
});

test("a caller who goes away loses the connection and not the order", async () => {
  const gone = new AbortController();
  const answer = order({ signal: gone.signal });
  const [id = ""] = await ordersPlaced(1);
  gone.abort();
  await expect(answer).rejects.toThrow();
  await here.bar.finishes(id);
  const status = async () => Object(await (await fetch(`${counter.url}/orders/${id}`)).json()).status;
  await until(async () => (await status()) === "COMPLETED");
});

describe("an order whose row was deleted by hand", () => {
  beforeEach(async () => {
    await counter.drain();
    counter = await here.start({ TRUST_PROXY: "1", HINTS: "off" });
  });

  async function deleteOrder(): Promise<void> {
    const [id = ""] = await ordersPlaced(1);
    await here.shop.clients.documents.send(new DeleteCommand({ TableName: here.shop.table("orders"), Key: { id } }));
  }

  test("is a 410 for callers that wait, and for a repeated key", async () => {
    const answer = orderUnder("k-1");
    await deleteOrder();
    expect(await problem(answer)).toMatchObject({ status: 410 });
    expect(await problem(orderUnder("k-1"))).toMatchObject({ status: 410 });
    const headers = { ...json, "idempotency-key": "k-1", "x-forwarded-for": "192.0.2.1" };
    const later = order({ headers, body: JSON.stringify({ name: "Ada" }) }, "/orders");
    expect(await problem(later)).toMatchObject({ status: 410 });
  });

  test("is a 404 for a caller that reads it", async () => {
    const { headers } = await order({}, "/orders");
    const watching = fetch(`${counter.url}${headers.get("location")}`, { headers: { prefer: "wait=60" } });
    const waiting = async () => (await (await fetch(`${counter.url}/metrics`)).text()).includes("orders_waiting 1\n");
    await until(waiting);
    await deleteOrder();
    expect(await problem(watching)).toMatchObject({ status: 404 });
  });
});
