import { KeySet, TokenVerifier } from "@doubleshot/identity";
import { publicKeysAt, type SigningKey, SigningKeyStore } from "@doubleshot/identity/issuing";
import { type LocalAws, startLocalAws } from "@doubleshot/local-aws";
import { byId, coffeeShop } from "@doubleshot/shop";
import { provision, type Topology } from "@doubleshot/topology";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runCommand } from "../run-command.fixture.ts";

// A shop in which a service named issuer signs the tokens.

const topology: Topology = {
  ...{ topics: {}, queues: {}, subscriptions: [], mappings: {} },
  tables: { "issuer-keys": byId },
  services: { issuer: { port: 9799, signingKeys: "issuer-keys" } },
};

let aws: LocalAws;
let shops = 0;
beforeAll(async () => {
  aws = await startLocalAws();
});
afterAll(() => aws?.close());

/** A shop of its own, the command in it, and its keys. */
async function openIssuer(given: Topology = topology) {
  shops += 1;
  const SHOP = `keys${shops}`;
  await provision({ topology: given, shop: SHOP, clients: aws.clients });
  const env = { ...aws.env, SHOP, TOPOLOGY: JSON.stringify(given) };
  const store = new SigningKeyStore(aws.clients.documents, `${SHOP}-issuer-keys`);
  return { SHOP, store, run: (...args: string[]) => runCommand(args, env) };
}

/** The verdict of a service on the token, if it has loaded those of the keys that are published at this time. */
function verdictOf(token: string, shop: string, keys: readonly SigningKey[], at = Date.now()) {
  const published = publicKeysAt(keys, at).keys;
  const known = new KeySet({ load: async () => published, onTrouble: () => {} });
  return new TokenVerifier({ keys: known, issuer: shop, audience: shop, now: () => new Date(at) }).verify(token);
}

test("a token for a person is printed alone, and services take it", async () => {
  const { SHOP, store, run } = await openIssuer();
  const { code, stdout, stderr } = await run("token", "--role", "barista", "--role", "engineer", "--subject", "ada");
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
  expect(await verdictOf(stdout.trim(), SHOP, await store.list())).toMatchObject({
    outcome: "verified",
    subject: "ada",
    roles: ["barista", "engineer"],
  });
});

test("a token has its role, its lifetime and the name of this user", async () => {
  const { run } = await openIssuer();
  const { stdout } = await run("token", "--role=customer", "--lifetime=15m", "--json");
  const { expires_at, subject, ...rest } = JSON.parse(stdout);
  expect(rest).toMatchObject({ token_type: "Bearer", roles: ["customer"] });
  expect(subject).not.toBe("");
  expect(Math.abs(Date.parse(expires_at) - Date.now() - 900_000)).toBeLessThan(600_000);
});

test("a display's token lasts for months, and ends with its key, a day after the next rotation", async () => {
  const { SHOP, store, run } = await openIssuer();
  const token = (await run("token", "--role", "display", "--lifetime", "90d")).stdout.trim();
  const keys = await store.list();
  const days = (count: number) => Date.now() + count * 24 * 3_600_000;
  const verdictIn = (count: number, known: readonly SigningKey[]) => verdictOf(token, SHOP, known, days(count));
  expect(await verdictIn(89, keys)).toMatchObject({ outcome: "verified", roles: ["display"] });
  expect(await verdictIn(91, keys)).toHaveProperty("outcome", "refused");
  const { stdout } = await run("keys", "rotate");
  expect(stdout).toContain("displays need new tokens: those that the old key has signed end with it, a day after that");
  const rotated = await store.list();
  expect(await verdictIn(1, rotated)).toHaveProperty("outcome", "verified");
  expect(await verdictIn(1.1, rotated)).toHaveProperty("outcome", "refused");
});

test.each([
  [["token"], "No --role is given: give one of customer, barista, display, supplier, engineer."],
  [["token", "--role", "king"], '--role is "king": give one of customer, barista, display, supplier, engineer.'],
  [["token", "--role", "barista", "--lifetime", "2d"], '--lifetime is "2d": give 1s to 24h.'],
  [["token", "--role", "barista", "--lifetime", "1ms"], '--lifetime is "1ms": give 1s to 24h.'],
  [["token", "--role", "display", "--lifetime", "91d"], '--lifetime is "91d": give 1s to 90d.'],
  [["token", "--role", "display", "--role", "barista", "--lifetime", "90d"], '--lifetime is "90d": give 1s to 24h.'],
  [["token", "--role", "barista", "ada"], '"ada" is one argument too many'],
  [["keys"], "Name a subcommand: doubleshot keys list, rotate or revoke."],
  [["keys", "list", "--at-once"], "doubleshot keys list takes no --at-once"],
  [["keys", "revoke"], "Name the key to revoke: doubleshot keys list has their ids."],
  [["keys", "rotate", "now"], '"now" is one argument too many'],
])("%j is a wrong argument", async (args, sentence) => {
  const { run } = await openIssuer();
  expect(await run(...args)).toMatchObject({ code: 2, stderr: expect.stringContaining(sentence) });
});

test("a rotation is seen in the list, and the tokens of both keys are valid", async () => {
  const { SHOP, store, run } = await openIssuer();
  const token = (await run("token", "--role", "barista")).stdout.trim();
  expect((await run("keys", "rotate")).stdout).toMatch(/^added {4}[\w-]{36}: signs in (10 m|9 m 5\d s)\n/);
  const listed = JSON.parse((await run("keys", "list", "--json")).stdout);
  expect(listed).toMatchObject([{ state: "signing" }, { state: "announced" }]);
  expect((await run("keys", "list")).stdout).toContain(listed[1].id);
  expect(await verdictOf(token, SHOP, await store.list())).toHaveProperty("outcome", "verified");
  await run("keys", "rotate", "--at-once");
  const next = (await run("token", "--role", "barista")).stdout.trim();
  for (const each of [token, next]) {
    expect(await verdictOf(each, SHOP, await store.list())).toHaveProperty("outcome", "verified");
  }
});

test("a revoked key signs no token any more, and its tokens are refused", async () => {
  const { SHOP, store, run } = await openIssuer();
  const token = (await run("token", "--role", "barista")).stdout.trim();
  const [{ id = "" } = {}] = await store.list();
  expect(await run("keys", "revoke", id)).toMatchObject({ code: 2, stderr: expect.stringContaining("add --yes") });
  expect(await run("keys", "revoke", id, "--yes")).toMatchObject({ code: 0, stdout: expect.stringContaining(id) });
  expect(await verdictOf(token, SHOP, await store.list())).toHaveProperty("outcome", "refused");
  const next = (await run("token", "--role", "barista")).stdout.trim();
  expect(await verdictOf(next, SHOP, await store.list())).toHaveProperty("outcome", "verified");
  expect(await run("keys", "revoke", id, "--yes")).toMatchObject({ code: 1, stderr: expect.stringContaining(id) });
});

test("no output has the private part of a key", async () => {
  const { store, run } = await openIssuer();
  const outputs = [
    await run("keys", "rotate", "--json"),
    await run("keys", "list", "--json"),
    await run("keys", "list"),
  ];
  const [{ privateKey: { d = "none" } = {} } = {}] = await store.list();
  for (const { stdout, stderr } of outputs) expect(stdout + stderr).not.toContain(d);
});

test.each([
  ["token", "--role", "barista"],
  ["keys", "list"],
])("a shop without an issuer has no %s", async (...args) => {
  const { run } = await openIssuer({ ...topology, services: {} });
  expect(await run(...args)).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^No service of this system issues tokens/),
  });
});

test("the coffee shop has at most one issuer", () => {
  const issuers = Object.values(coffeeShop.topology.services).filter((service) => "signingKeys" in service);
  expect(issuers.length).toBeLessThanOrEqual(1);
});
