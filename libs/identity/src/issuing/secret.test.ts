import { expect, test } from "vitest";
import { createSecret, hashSecret, matchesSecret } from "./secret.ts";

test("a secret is new each time, and 43 characters that need no escaping", () => {
  const [one, other] = [createSecret(), createSecret()];
  expect(one).toMatch(/^[\w-]{43}$/);
  expect(one).not.toBe(other);
});

test("a hash matches its secret alone, has a salt of its own, and does not show the secret", async () => {
  const secret = createSecret();
  const [hash, again] = [await hashSecret(secret), await hashSecret(secret)];
  expect(hash).not.toBe(again);
  expect(hash).not.toContain(secret);
  expect(await matchesSecret(secret, hash)).toBe(true);
  expect(await matchesSecret(secret, again)).toBe(true);
  expect(await matchesSecret(createSecret(), hash)).toBe(false);
  expect(await matchesSecret("", hash)).toBe(false);
});

test("a hash keeps the parameters that it was made with", async () => {
  // scrypt of "password" and "NaCl" with other parameters, from RFC 7914, section 12, cut to 32 bytes.
  const hash = `scrypt$1024$8$16$${Buffer.from("NaCl").toString("base64url")}$${Buffer.from(
    "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162",
    "hex",
  ).toString("base64url")}`;
  expect(await matchesSecret("password", hash)).toBe(true);
  expect(await matchesSecret("passwort", hash)).toBe(false);
});

test("without a hash no secret matches, and the same work is done", async () => {
  expect(await matchesSecret(createSecret(), undefined)).toBe(false);
});
