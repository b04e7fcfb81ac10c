import { fakeAws, useIssuer } from "@doubleshot/service-host/testing";
import { beforeEach, describe, expect, test } from "vitest";
import { type Counter, json, useCounters } from "./counter.fixture.ts";

// A counter with authentication, and two customers, ada and bob. Their ids are those of accounts.

const all = useCounters(fakeAws);
const issuer = useIssuer();
const [ada, bob] = ["01a1fc6f-67fa-72ac-a3ff-0000000000aa", "01a1fc6f-67fa-72ac-a3ff-0000000000bb"];

type Headers = Record<string, string>;
let counter: Counter;
let as: Readonly<Record<"ada" | "bob" | "barista" | "engineer", Headers>>;
beforeEach(async () => {
  counter = await all.open(issuer.env);
  const bearer = async (subject: string, role: string) => {
    return { authorization: `Bearer ${await issuer.token(all.shop.name, { subject, roles: [role] })}` };
  };
  as = {
    ada: await bearer(ada, "customer"),
    bob: await bearer(bob, "customer"),
    barista: await bearer(ada, "barista"),
    engineer: await bearer("eve", "engineer"),
  };
});

const onAccount = (customer: string) => ({ customer_id: customer, order_total: 100 });
const placed = async (headers: Headers, body: object = {}) =>
  String((await json(counter.post("/orders", headers, body))).id);
const challenge = (response: Response) => response.headers.get("www-authenticate");

/** The requests that concern one order. */
const requests: readonly [string, (id: string, headers: Headers) => Promise<Response>][] = [
  ["GET /orders/{id}", (id, headers) => counter.get(`/orders/${id}`, headers)],
  ["GET /order/{id}", (id, headers) => counter.get(`/order/${id}`, headers)],
  ["GET /orders/{id} with a wait", (id, headers) => counter.get(`/orders/${id}`, { prefer: "wait=600", ...headers })],
  ["GET /orders/{id}/events", (id, headers) => counter.get(`/orders/${id}/events`, headers)],
  ["POST /orders/{id}/cancel", (id, headers) => counter.post(`/orders/${id}/cancel`, headers)],
  ["POST /order/{id}/cancel", (id, headers) => counter.post(`/order/${id}/cancel`, headers)],
];

describe("an order on account", () => {
  test.each(requests)("is closed to guests, to other customers and to baristas: %s", async (_, request) => {
    const id = await placed(as.ada, onAccount(ada));
    const asGuest = await request(id, {});
    expect([asGuest.status, challenge(asGuest)]).toEqual([401, 'Bearer realm="shop"']);
    for (const [headers, reason] of [
      [as.bob, "another customer"],
      [as.barista, "the roles customer, engineer"],
    ] as const) {
      const refused = await request(id, headers);
      expect([refused.status, challenge(refused)]).toEqual([403, expect.stringContaining("insufficient_scope")]);
      expect(await json(Promise.resolve(refused))).toMatchObject({ detail: expect.stringContaining(reason) });
    }
    expect(await json(counter.get(`/orders/${id}`, as.ada))).toMatchObject({ status: "PENDING" });
  });

  test("is open to its customer and to engineers", async () => {
    const id = await placed(as.ada, onAccount(ada));
    for (const headers of [as.ada, as.engineer]) {
      expect((await counter.get(`/orders/${id}`, headers)).status).toBe(200);
      expect((await counter.post(`/orders/${id}/cancel`, headers)).status).toBe(202);
    }
  });

  test.each(["/orders", "/order/"])("is placed by its customer alone, at %s", async (path) => {
    const post = (headers: Headers) => counter.post(path, { prefer: "respond-async", ...headers }, onAccount(ada));
    expect((await post({})).status).toBe(401);
    for (const headers of [as.bob, as.barista]) expect((await post(headers)).status).toBe(403);
    for (const headers of [as.ada, as.engineer]) expect((await post(headers)).status).toBe(202);
    expect(await all.rows("orders")).toHaveLength(2);
  });

  test("is not shown to another customer under its idempotency key, which is another key from there", async () => {
    const key = { "idempotency-key": "1" };
    const adas = await placed({ ...as.ada, ...key }, onAccount(ada));
    expect((await counter.post("/orders", { ...as.bob, ...key }, onAccount(ada))).status).toBe(403);
    expect(await placed({ ...as.bob, ...key }, onAccount(bob))).not.toBe(adas);
    expect(await placed({ ...as.ada, ...key }, onAccount(ada))).toBe(adas);
  });

  test("is found under its idempotency key from every address of its customer", async () => {
    const from = (address: string) => ({ ...as.ada, "idempotency-key": "1", "x-forwarded-for": address });
    const id = await placed(from("203.0.113.7"), onAccount(ada));
    expect(await placed(from("198.51.100.9"), onAccount(ada))).toBe(id);
    // A proxy that reports no address lends a caller with a token no other key.
    expect(await placed(from("unknown"), onAccount(ada))).toBe(id);
    expect(await all.orderIds()).toEqual([id]);
  });
});

describe("an order of a guest", () => {
  test("is followed and cancelled by all who know its id", async () => {
    const id = await placed({});
    for (const headers of [{}, as.ada, as.barista, as.engineer]) {
      expect((await counter.get(`/orders/${id}`, headers)).status).toBe(200);
    }
    expect((await counter.post(`/orders/${id}/cancel`)).status).toBe(202);
  });

  test("needs no token, and a wrong one is refused", async () => {
    const wrong = { authorization: `Bearer ${await issuer.token("elsewhere", { subject: ada, roles: ["customer"] })}` };
    const refused = await counter.post("/orders", wrong, {});
    expect([refused.status, challenge(refused)]).toEqual([401, expect.stringContaining("another issuer")]);
    expect(await all.rows("orders")).toEqual([]);
  });
});

test("an unknown order is unknown to all", async () => {
  for (const headers of [{}, as.ada, as.engineer]) {
    expect((await counter.get("/orders/01a1fc6f-67fa-72ac-a3ff-00000000dead", headers)).status).toBe(404);
  }
});

test("the list shows engineers all orders, customers their own, and others none", async () => {
  const ids = [await placed(as.ada, onAccount(ada)), await placed({}), await placed(as.bob, onAccount(bob))];
  const listed = async (headers: Headers) =>
    ((await json(counter.get("/orders?limit=2", headers))).orders as { id: string }[]).map(({ id }) => id);
  expect(await listed(as.engineer)).toEqual([ids[2], ids[1]]);
  expect(await listed(as.ada)).toEqual([ids[0]]);
  expect(await listed(as.bob)).toEqual([ids[2]]);
  expect((await counter.get("/orders")).status).toBe(401);
  expect((await counter.get("/orders", as.barista)).status).toBe(403);
});
