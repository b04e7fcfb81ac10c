import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { createSigningKey, publicKeysAt } from "../issuing/index.ts";
import { loadPublicKeys } from "./load-public-keys.ts";

/** An issuer that answers every request like this. */
async function answering(status: number, body: string, headers = {}): Promise<URL> {
  const server = createServer((_, response) => response.writeHead(status, headers).end(body));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/.well-known/jwks.json`);
}

test("keys of other kinds and private parts are left out", async () => {
  const key = await createSigningKey(0);
  const [good] = publicKeysAt([key], 0).keys;
  const keys = [
    { ...key.privateKey, kid: "private" },
    { ...good, kid: undefined },
    { ...good, kid: "encrypts", use: "enc" },
    { ...good, kid: "other", crv: "P-384" },
    { kty: "RSA", n: "AQAB", e: "AQAB", kid: "rsa" },
    { kty: "oct", k: "c3dvcmRmaXNo", kid: "shared" },
    null,
    good,
  ];
  const loaded = await loadPublicKeys(await answering(200, JSON.stringify({ keys })));
  expect(loaded.map(({ kid }) => kid)).toEqual(["private", key.id]);
  expect(JSON.stringify(loaded)).not.toContain(key.privateKey.d);
});

test.each([
  ["an error", 500, "{}"],
  ["no JSON", 200, "<html>"],
  ["no keys", 200, '{"keys":[]}'],
  ["something else", 200, "[]"],
  ["a redirection", 302, ""],
])("%s is no key set", async (_, status, body) => {
  await expect(loadPublicKeys(await answering(status, body, { location: "/" }))).rejects.toThrow();
});
