import { type OpenShop, openShop } from "@doubleshot/dev-shop";
import { createSigningKey, issueToken, SigningKeyStore, signingKeyAt } from "@doubleshot/identity/issuing";
import { physicalName } from "@doubleshot/topology";
import { afterAll, beforeAll, expect, test } from "vitest";
import { until } from "./people.fixture.ts";

// A shop whose services take tokens: customers issues them, and the others verify them without it.

let shop: OpenShop;
let keys: SigningKeyStore;
beforeAll(async () => {
  shop = await openShop({ auth: true, restart: false });
  keys = new SigningKeyStore(shop.aws.clients.documents, physicalName("doubleshot", "customers-keys"));
});
afterAll(() => shop?.close());

type Name = keyof OpenShop["services"];

async function call(
  service: Name,
  path: string,
  { token, json, method = json === undefined ? "GET" : "POST" }: Call = {},
) {
  const response = await fetch(`${shop.services[service][0]?.url}${path}`, {
    method,
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(json !== undefined && { "content-type": "application/json" }),
    },
    ...(json !== undefined && { body: JSON.stringify(json) }),
  });
  const text = await response.text();
  const challenge = response.headers.get("www-authenticate") ?? "";
  return { status: response.status, challenge, body: text === "" ? {} : Object(JSON.parse(text)) };
}

interface Call {
  readonly method?: string;
  readonly token?: string;
  readonly json?: unknown;
}

/** A token as an operator makes it, or one that is wrong in one way. */
async function operatorToken(role: string, wrong: Partial<Parameters<typeof issueToken>[1]> = {}): Promise<string> {
  const now = Date.now();
  const key = signingKeyAt(await keys.listOrCreate(now), now);
  if (key === undefined) throw new Error("The issuer has no key.");
  const claims = { issuer: "doubleshot", audience: "doubleshot", issuedAt: now, lifetimeSeconds: 600, ...wrong };
  return issueToken(key, { subject: "eve", roles: [role], ...claims });
}

async function openAccount() {
  const token = await operatorToken("engineer");
  const { status, body } = await call("customers", "/customers", { token, json: { name: "Jane", credit_limit: 250 } });
  expect(status).toBe(201);
  const granted = await call("customers", "/tokens", { json: { customer_id: body.id, secret: body.secret } });
  return { id: String(body.id), token: String(granted.body.access_token) };
}

const settled = async (path: string, token: string, status: string) =>
  expect.poll(async () => (await call("orders", path, { token })).body.status, until).toBe(status);

test("an order on account goes from its customer's token to a barista's, and stays closed to others", async () => {
  const [jane, joe] = [await openAccount(), await openAccount()];
  const order = { customer_id: jane.id, order_total: 100 };
  expect((await call("orders", "/orders", { json: order })).status).toBe(401);
  expect((await call("orders", "/orders", { json: order, token: joe.token })).status).toBe(403);
  const placed = await call("orders", "/orders", { json: order, token: jane.token });
  expect(placed.status).toBe(201);
  const at = `/orders/${placed.body.id}`;
  await settled(at, jane.token, "PLACED");
  expect((await call("orders", at)).status).toBe(401);
  expect((await call("orders", at, { token: joe.token })).status).toBe(403);
  expect((await call("orders", `${at}/cancel`, { token: joe.token, method: "POST" })).status).toBe(403);

  expect((await call("barista", "/start/")).status).toBe(401);
  expect((await call("barista", "/start/", { token: jane.token })).status).toBe(403);
  const barista = await operatorToken("barista");
  await expect
    .poll(async () => (await call("barista", "/start/", { token: barista })).body.order_id, until)
    .toBe(placed.body.id);
  const finish = `/finish/?order_id=${placed.body.id}`;
  expect((await call("barista", finish, { token: barista, method: "POST" })).status).toBe(200);
  await settled(at, jane.token, "COMPLETED");
  expect((await call("customers", `/customer/${jane.id}`, { token: joe.token })).status).toBe(403);
  expect((await call("customers", `/customer/${jane.id}`, { token: jane.token })).body).toMatchObject({
    available_credit: 150,
  });
});

test("a guest orders and follows the order without a token, and sees no list", async () => {
  const placed = await call("orders", "/orders", { json: {} });
  expect((await call("orders", `/orders/${placed.body.id}`)).status).toBe(200);
  expect((await call("orders", `/orders/${placed.body.id}/cancel`, { method: "POST" })).status).toBe(202);
  expect((await call("orders", "/orders")).status).toBe(401);
});

test("a token that is wrong in one way is refused with its reason by every service", async () => {
  const stranger = await createSigningKey(0);
  const claims = { subject: "eve", roles: ["engineer"], issuer: "doubleshot", audience: "doubleshot" };
  const wrong: readonly [string, string][] = [
    [await operatorToken("engineer", { issuedAt: Date.now() - 700_000 }), "The token has expired."],
    [await operatorToken("engineer", { issuedAt: Date.now() + 700_000 }), "The token is not valid yet."],
    [await operatorToken("engineer", { issuer: "elsewhere" }), "The token is from another issuer."],
    [await operatorToken("engineer", { audience: "elsewhere" }), "The token is for another audience."],
    [
      await issueToken(stranger, { ...claims, issuedAt: Date.now(), lifetimeSeconds: 600 }),
      "The token is signed with a key that is unknown or no longer used.",
    ],
  ];
  const routes = [
    ["orders", "/orders"],
    ["barista", "/tickets"],
    ["customers", "/customers"],
  ] as const;
  for (const [service, path] of routes) {
    expect((await call(service, path, { token: await operatorToken("engineer") })).status).toBe(200);
    for (const [token, reason] of wrong) {
      const refused = await call(service, path, { token });
      expect([refused.status, refused.challenge]).toEqual([
        401,
        expect.stringContaining(`error_description="${reason}"`),
      ]);
    }
  }
});

test("a rotation refuses no token, and a revocation ends those of its key", async () => {
  const [old] = await keys.list();
  const before = await operatorToken("engineer");
  await keys.rotate(Date.now(), { atOnce: true });
  const list = async (token: string) => (await call("orders", "/orders", { token })).status;
  // Orders loads the keys for an unknown one, at most once in ten seconds; customers publishes them within five.
  const after = await operatorToken("engineer");
  await expect.poll(() => list(after), until).toBe(200);
  expect(await list(before)).toBe(200);
  expect(await keys.revoke(old?.id ?? "", Date.now())).toBe("revoked");
  // The next unknown key shows that the old one is gone.
  await keys.rotate(Date.now(), { atOnce: true });
  const last = await operatorToken("engineer");
  await expect.poll(() => list(last), until).toBe(200);
  expect(await list(before)).toBe(401);
});

test("services verify tokens while the issuer is dead", async () => {
  const tokens = [await operatorToken("engineer"), await operatorToken("barista")] as const;
  await expect.poll(async () => (await call("barista", "/tickets", { token: tokens[1] })).status, until).toBe(200);
  await shop.services.customers[0]?.kill();
  const fresh = await operatorToken("barista");
  expect((await call("orders", "/orders", { token: tokens[0] })).status).toBe(200);
  for (const token of [tokens[1], fresh]) expect((await call("barista", "/tickets", { token })).status).toBe(200);
  expect((await call("orders", "/orders", { json: {} })).status).toBe(201);
});
