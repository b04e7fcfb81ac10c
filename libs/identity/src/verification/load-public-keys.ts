import { readFile } from "node:fs/promises";
import { algorithm, type PublicKey } from "../token-format.ts";

/** The issuer answers within this time, or the load counts as failed. */
const loadTimeoutMs = 5_000;

/**
 * Reads the issuer's JWKS, from `http:`, `https:` or `file:`, and returns its ES256 keys. A key of another kind, or without a
 * `kid`, is left out, and so is every member that a public key does not need.
 *
 * @throws Error if it cannot be read or has no such key: an issuer always publishes the key that it signs with
 */
export async function loadPublicKeys(url: URL): Promise<PublicKey[]> {
  const set: unknown = JSON.parse(await read(url));
  const listed: unknown = Object(set).keys;
  const keys = Array.isArray(listed) ? listed.flatMap(publicKeyOf) : [];
  if (keys.length > 0) return keys;
  throw new Error(`${url.href} has no ${algorithm} key with a kid.`);
}

async function read(url: URL): Promise<string> {
  if (url.protocol === "file:") return readFile(url, "utf8");
  const response = await fetch(url, {
    headers: { accept: "application/json" },
    redirect: "error",
    signal: AbortSignal.timeout(loadTimeoutMs),
  });
  if (!response.ok) throw new Error(`${url.href} answered ${response.status}.`);
  return response.text();
}

function publicKeyOf(jwk: unknown): PublicKey[] {
  const { kty, crv, x, y, kid, alg = algorithm, use = "sig" } = Object(jwk);
  const isUsable = kty === "EC" && crv === "P-256" && alg === algorithm && use === "sig";
  const isWhole = [x, y, kid].every((member) => typeof member === "string" && member !== "");
  return isUsable && isWhole ? [{ kty, crv, x, y, kid, alg, use }] : [];
}
