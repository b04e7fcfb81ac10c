import { createHmac, createPrivateKey, generateKeyPairSync, type JsonWebKey, sign } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { createSigningKey, issueToken, publicKeysAt, type SigningKey, type TokenClaims } from "../issuing/index.ts";
import { KeySet } from "./key-set.ts";
import { TokenVerifier } from "./token-verifier.ts";

const now = Date.parse("2026-01-31T08:30:00.000Z");
let key: SigningKey;
let keys: KeySet;
let verifier: TokenVerifier;
beforeAll(async () => {
  key = await createSigningKey(now);
  keys = new KeySet({ load: async () => publicKeysAt([key], now).keys, onTrouble: () => {} });
  verifier = new TokenVerifier({ keys, issuer: "shop", audience: "shop", now: () => new Date(now) });
});

const claims: TokenClaims = {
  subject: "customer-1",
  roles: ["customer"],
  issuer: "shop",
  audience: "shop",
  issuedAt: now,
  lifetimeSeconds: 3_600,
};

/** A token of which each part is as the test wants it, signed with the issuer's key unless told otherwise. */
function forged(header: object, payload: object, signature?: (signed: string) => Buffer): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const signed = `${part({ alg: "ES256", typ: "at+jwt", kid: key.id, ...header })}.${part({ ...good, ...payload })}`;
  const signedWith = signature ?? ((text) => es256(text));
  return `${signed}.${signedWith(signed).toString("base64url")}`;
}

const good = { iss: "shop", aud: "shop", sub: "customer-1", roles: [], iat: now / 1_000, exp: now / 1_000 + 60 };

function es256(text: string, jwk: object = key.privateKey): Buffer {
  const privateKey = createPrivateKey({ key: jwk as JsonWebKey, format: "jwk" });
  return sign("sha256", Buffer.from(text), { key: privateKey, dsaEncoding: "ieee-p1363" });
}

test("a token of the issuer names its subject, its roles and its end", async () => {
  expect(await verifier.verify(await issueToken(key, claims))).toEqual({
    outcome: "verified",
    subject: "customer-1",
    roles: ["customer"],
    expiresAt: now + 3_600_000,
  });
});

describe("clocks may differ by 30 s", () => {
  test.each([
    ["expired 29 s ago", { issuedAt: now - 89_000, lifetimeSeconds: 60 }, "verified"],
    ["expired 31 s ago", { issuedAt: now - 91_000, lifetimeSeconds: 60 }, "The token has expired."],
    ["valid in 29 s", { issuedAt: now + 29_000 }, "verified"],
    ["valid in 31 s", { issuedAt: now + 31_000 }, "The token is not valid yet."],
  ])("a token %s", async (_, times, expected) => {
    const verdict = await verifier.verify(await issueToken(key, { ...claims, ...times }));
    expect(verdict.outcome === "refused" ? verdict.reason : verdict.outcome).toBe(expected);
  });
});

const hmac = (text: string) =>
  createHmac("sha256", JSON.stringify(publicKeysAt([key], now).keys[0]))
    .update(text)
    .digest();
const rsa = generateKeyPairSync("rsa", { modulusLength: 2_048 }).privateKey;

/** The fault of a token, the token, and the reason of its refusal. */
const misuses: readonly [fault: string, token: () => string | Promise<string>, reason: string][] = [
  ["of another issuer", () => issueToken(key, { ...claims, issuer: "elsewhere" }), "The token is from another issuer."],
  [
    "for another audience",
    () => issueToken(key, { ...claims, audience: "mall" }),
    "The token is for another audience.",
  ],
  ["with alg none", () => forged({ alg: "none" }, {}, () => Buffer.alloc(0)), "The token is not signed with ES256."],
  ["with HS256 and the public key", () => forged({ alg: "HS256" }, {}, hmac), "The token is not signed with ES256."],
  [
    "with RS256",
    () => forged({ alg: "RS256" }, {}, (text) => sign("sha256", Buffer.from(text), rsa)),
    "The token is not signed with ES256.",
  ],
  ["of another type", () => forged({ typ: "JWT" }, {}), "The token is no access token."],
  ["without a key id", () => forged({ kid: undefined }, {}), "The token names no key."],
  [
    "with an unknown key id",
    () => forged({ kid: "key-9" }, {}),
    "The token is signed with a key that is unknown or no longer used.",
  ],
  ["with a key of its own", () => forged({ jwk: { kty: "EC" }, kid: undefined }, {}), "The token names no key."],
  [
    "with another's signature",
    async () => {
      const { privateKey } = await createSigningKey(now);
      return forged({}, {}, (text) => es256(text, privateKey));
    },
    "The signature of the token is wrong.",
  ],
  [
    "with a changed subject",
    async () => {
      const [header, , signature] = (await issueToken(key, claims)).split(".");
      return [header, forged({}, { sub: "customer-2" }).split(".")[1], signature].join(".");
    },
    "The signature of the token is wrong.",
  ],
  [
    "without an end",
    () => forged({}, { exp: undefined }),
    "The token lacks a claim: it needs iss, aud, sub, iat and exp.",
  ],
  [
    "without a subject",
    () => forged({}, { sub: undefined }),
    "The token lacks a claim: it needs iss, aud, sub, iat and exp.",
  ],
  ["with an empty subject", () => forged({}, { sub: "" }), "The token names no subject."],
  [
    "with a subject that is too long",
    () => forged({}, { sub: "x".repeat(201) }),
    "The subject of the token is longer than 200 characters.",
  ],
  ["with a critical extension", () => forged({ crit: ["b64"], b64: false }, {}), "The token is malformed."],
  ["that is no token", () => "latte", "The token is malformed."],
  ["of three empty parts", () => "..", "The token is malformed."],
  ["of 5,000 characters", () => "a".repeat(5_000), "The token is longer than 4,096 characters."],
];

describe("a token is refused with its reason", () => {
  test.each(misuses)("%s", async (_, token, reason) => {
    expect(await verifier.verify(await token())).toEqual({ outcome: "refused", reason });
  });

  test("with a reason that fits into a header and repeats nothing of the token", async () => {
    const secret = "swordfish";
    for (const token of [
      secret,
      `${secret}.${secret}.${secret}`,
      forged({ kid: secret }, {}),
      forged({}, { iss: secret }),
    ]) {
      const verdict = await verifier.verify(token);
      expect(verdict).toMatchObject({ outcome: "refused", reason: expect.stringMatching(/^[ !#-[\]-~]+$/) });
      expect(JSON.stringify(verdict)).not.toContain(secret);
    }
  });
});

test("a token that was verified once still expires", async () => {
  let time = now;
  const one = new TokenVerifier({ keys, issuer: "shop", audience: "shop", now: () => new Date(time) });
  const token = await issueToken(key, { ...claims, lifetimeSeconds: 60 });
  expect(await one.verify(token)).toHaveProperty("outcome", "verified");
  time += 89_000;
  expect(await one.verify(token)).toHaveProperty("outcome", "verified");
  time += 1_000;
  expect(await one.verify(token)).toEqual({ outcome: "refused", reason: "The token has expired." });
});

test("a token that was verified once is refused when its key is rotated away", async () => {
  const [old, added] = [await createSigningKey(0), await createSigningKey(1)];
  let published = [old];
  const following = new KeySet({ load: async () => publicKeysAt(published, 2).keys, onTrouble: () => {} });
  const one = new TokenVerifier({ keys: following, issuer: "shop", audience: "shop" });
  const of = (signer: SigningKey) => issueToken(signer, { ...claims, issuedAt: Date.now() });
  const token = await of(old);
  expect(await one.verify(token)).toHaveProperty("outcome", "verified");
  published = [added];
  const stopped = new AbortController();
  void following.follow(stopped.signal);
  await expect.poll(async () => (await one.verify(token)).outcome).toBe("refused");
  stopped.abort();
  expect(await one.verify(await of(added))).toHaveProperty("outcome", "verified");
});

test("roles that are no texts are left out, and a token without any has none", async () => {
  const rolesOf = async (roles: unknown) => {
    const verdict = await verifier.verify(forged({}, { roles }));
    return verdict.outcome === "verified" ? verdict.roles : verdict;
  };
  expect(await rolesOf(["barista", 7, null])).toEqual(["barista"]);
  expect(await rolesOf("engineer")).toEqual([]);
  expect(await rolesOf(undefined)).toEqual([]);
});

test("without any key of the issuer no token can be judged", async () => {
  const unreachable = new KeySet({ load: () => Promise.reject(new Error("down")), onTrouble: () => {} });
  const blind = new TokenVerifier({ keys: unreachable, issuer: "shop", audience: "shop" });
  expect(await blind.verify(await issueToken(key, claims))).toEqual({ outcome: "keys-unavailable" });
});
