import { KeySet, loadPublicKeys, TokenVerifier } from "@doubleshot/identity";
import { SigningKeyStore } from "@doubleshot/identity/issuing";
import { fakeAws, useService } from "@doubleshot/service-host/testing";
import { sharedConformance } from "@doubleshot/service-kit/testing";
import { coffeeShop } from "@doubleshot/shop";
import { describe, expect, test } from "vitest";
import { customersService } from "../service.ts";

const here = useService(coffeeShop.services.customers, customersService, fakeAws);
const conformanceAt = sharedConformance();

/** A process whose answers are compared with its document. With `issuer`, it takes the tokens of that process. */
async function open({ issuer, ...env }: NodeJS.ProcessEnv & { issuer?: string } = {}) {
  const AUTH_JWKS_URL = issuer && `${issuer}/.well-known/jwks.json`;
  const { url } = await here.start({ CONSUME: "off", ...env, ...(AUTH_JWKS_URL && { AUTH_JWKS_URL }) });
  const { fetch } = await conformanceAt(url);
  const send = async (method: string, path: string, body?: unknown, token?: string) => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        ...(body !== undefined && { "content-type": "application/json" }),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return { status: response.status, headers: response.headers, body: Object(await response.json()) };
  };
  const openAccount = async () => (await send("POST", "/customers", { name: "Jane Doe", credit_limit: 250 })).body;
  const ask = (customer_id: unknown, secret: unknown) => send("POST", "/tokens", { customer_id, secret });
  return { url, send, openAccount, ask };
}

/** Verifies as every service does, from the published keys. */
async function verdictOf(token: string, url: string) {
  const keys = new KeySet({ load: () => loadPublicKeys(new URL(`${url}/.well-known/jwks.json`)), onTrouble: () => {} });
  return new TokenVerifier({ keys, issuer: here.shop.name, audience: here.shop.name }).verify(token);
}

describe("a token", () => {
  test("is granted for the secret that opened the account, and services take it", async () => {
    const { url, openAccount, ask } = await open();
    const { id, secret } = await openAccount();
    const { status, headers, body } = await ask(id, secret);
    expect([status, headers.get("cache-control")]).toEqual([200, "no-store"]);
    expect(body).toMatchObject({ token_type: "Bearer", expires_in: 3_600 });
    expect(await verdictOf(body.access_token, url)).toMatchObject({
      outcome: "verified",
      subject: id,
      roles: ["customer"],
    });
  });

  test("is refused in the same words for another secret, another customer's and an unknown customer", async () => {
    const { openAccount, ask } = await open();
    const [one, other] = [await openAccount(), await openAccount()];
    const answers = [
      await ask(one.id, other.secret),
      await ask("01a1fc6f-67fa-72ac-a3ff-00000000dead", one.secret),
      await ask(one.id, "A".repeat(43)),
    ];
    for (const { status, headers, body } of answers) {
      expect([status, headers.get("www-authenticate")]).toEqual([401, 'Bearer realm="shop"']);
      expect(body.detail).toBe(answers[0]?.body.detail);
      expect(JSON.stringify(body)).not.toContain(one.secret);
    }
  });

  test.each([
    [{ secret: "A".repeat(43) }, "/customer_id"],
    [{ customer_id: "jane", secret: "A".repeat(43) }, "/customer_id"],
    [{ customer_id: "01a1fc6f-67fa-72ac-a3ff-00000000dead", secret: "swordfish" }, "/secret"],
    [{ customer_id: "01a1fc6f-67fa-72ac-a3ff-00000000dead", secret: "A".repeat(10_000) }, "/secret"],
    [{ customer_id: "01a1fc6f-67fa-72ac-a3ff-00000000dead", secret: 7 }, "/secret"],
  ])("needs an id and a secret: %j", async (body, pointer) => {
    const { send } = await open();
    const answer = await send("POST", "/tokens", body);
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ pointer: `#${pointer}` }] } });
    expect(JSON.stringify(answer.body)).not.toContain("swordfish");
  });

  test("is limited by address, before the secret is checked", async () => {
    const { openAccount, ask } = await open({ TOKEN_RATE_BURST: "2", TOKEN_RATE_PER_SECOND: "0.001" });
    const { id, secret } = await openAccount();
    const statuses = [];
    for (let attempt = 0; attempt < 3; attempt++) statuses.push(await ask(id, secret));
    expect(statuses.map(({ status }) => status)).toEqual([200, 200, 429]);
    expect(Number(statuses[2]?.headers.get("retry-after"))).toBeGreaterThan(0);
  });

  test("is granted to many at once, a few checks at a time", async () => {
    const { openAccount, ask } = await open({ TOKEN_RATE_BURST: "1000" });
    const { id, secret } = await openAccount();
    const answers = await Promise.all(Array.from({ length: 120 }, () => ask(id, secret)));
    const statuses = new Set(answers.map(({ status }) => status));
    expect(statuses).toContain(200);
    expect([...statuses].filter((status) => status !== 200 && status !== 503)).toEqual([]);
  });
});

describe("a secret", () => {
  test("is shown once, and stored as a hash of its own table", async () => {
    const { send, openAccount } = await open();
    const { id, secret } = await openAccount();
    expect(secret).toMatch(/^[\w-]{43}$/);
    expect((await send("GET", `/customers/${id}`)).body).not.toHaveProperty("secret");
    expect((await send("GET", "/customers")).body.customers[0]).not.toHaveProperty("secret");
    expect(await here.rows("customers-secrets")).toMatchObject([{ id, hash: expect.stringMatching(/^scrypt\$/) }]);
    for (const table of ["customers", "customers-secrets", "customers-outbox", "customers-requests"]) {
      expect(JSON.stringify(await here.rows(table))).not.toContain(secret);
    }
  });

  test("is replaced by its customer, and the old one stops working", async () => {
    const issuer = await open();
    const { send, ask } = await open({ issuer: issuer.url });
    const { id, secret } = await issuer.openAccount();
    const token = (await ask(id, secret)).body.access_token;
    expect((await send("POST", `/customers/${id}/secret`)).status).toBe(401);
    const other = await issuer.openAccount();
    expect((await send("POST", `/customers/${other.id}/secret`, undefined, token)).status).toBe(403);
    const replaced = await send("POST", `/customers/${id}/secret`, undefined, token);
    expect([replaced.status, replaced.headers.get("cache-control")]).toEqual([201, "no-store"]);
    expect((await ask(id, secret)).status).toBe(401);
    expect((await ask(id, replaced.body.secret)).status).toBe(200);
  });
});

test("a customer's token reaches its own account and no other", async () => {
  const issuer = await open();
  const { send } = await open({ issuer: issuer.url });
  const [one, other] = [await issuer.openAccount(), await issuer.openAccount()];
  const token = (await issuer.ask(one.id, one.secret)).body.access_token;
  for (const path of [`/customers/${one.id}`, `/customer/${one.id}`, `/customers/${one.id}/ledger`]) {
    expect((await send("GET", path, undefined, token)).status).toBe(200);
    expect((await send("GET", path.replace(one.id, other.id), undefined, token)).status).toBe(403);
    expect((await send("GET", path)).status).toBe(401);
  }
  expect((await send("GET", "/customers/01a1fc6f-67fa-72ac-a3ff-00000000dead", undefined, token)).status).toBe(403);
  expect((await send("PATCH", `/customers/${one.id}`, { credit_limit: 1_000_000 }, token)).status).toBe(403);
  expect((await send("POST", "/customers", { name: "Jane", credit_limit: 1 }, token)).status).toBe(403);
  expect((await send("GET", "/customers", undefined, token)).status).toBe(403);
});

describe("the published keys", () => {
  test("may be kept for a minute, and have no private part", async () => {
    const { send } = await open();
    const { headers, body } = await send("GET", "/.well-known/jwks.json");
    expect(headers.get("cache-control")).toBe("public, max-age=60");
    expect(body.keys).toMatchObject([{ kty: "EC", crv: "P-256", alg: "ES256", use: "sig" }]);
    expect(body.keys[0]).not.toHaveProperty("d");
  });

  test("change within seconds of a rotation, in every process, and no token is refused", async () => {
    const [one, other] = [await open(), await open()];
    const { id, secret } = await one.openAccount();
    const before = (await one.ask(id, secret)).body.access_token;
    const { documents } = here.shop.clients;
    const { added } = await new SigningKeyStore(documents, here.shop.table("customers-keys")).rotate(Date.now(), {
      atOnce: true,
    });
    const kids = async (url: string) =>
      (await loadPublicKeys(new URL(`${url}/.well-known/jwks.json`))).map(({ kid }) => kid);
    for (const { url } of [one, other]) await expect.poll(() => kids(url)).toContain(added.id);
    const after = (await other.ask(id, secret)).body.access_token;
    const kidOf = (token: string) => JSON.parse(Buffer.from(token.split(".")[0] ?? "", "base64url").toString()).kid;
    expect([kidOf(before) === added.id, kidOf(after) === added.id]).toEqual([false, true]);
    for (const token of [before, after]) {
      expect(await verdictOf(token, one.url)).toHaveProperty("outcome", "verified");
    }
  });
});
