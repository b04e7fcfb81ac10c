import { exportJWK, generateKeyPair, type JWK } from "jose";
import {
  algorithm,
  clockToleranceSeconds,
  maxLifetimeSeconds,
  type PublicKey,
  type PublicKeySet,
} from "../token-format.ts";

/**
 * A key that signs tokens. Its state follows from the other keys and the time alone, so a key is written once:
 *
 * - announced   published, and not signing yet: services learn it before they see a token of it
 * - signing     the newest key whose `signsFrom` has come
 * - retiring    a newer key signs; still published, until the last token of this one has expired
 * - retired     published no more, and deleted by the next rotation
 */
export interface SigningKey {
  /** `kid` in the tokens and in the JWKS. */
  readonly id: string;
  readonly privateKey: JWK;
  /** Epoch milliseconds. */
  readonly signsFrom: number;
}

export type KeyState = "announced" | "signing" | "retiring" | "retired";

/**
 * A new key is published this long before it signs. Services load the JWKS every five minutes, and caches in front of it keep
 * it for one: each service knows the key by then.
 */
export const announcedMs = 10 * 60_000;

const retiringMs = (maxLifetimeSeconds + clockToleranceSeconds) * 1_000;

export async function createSigningKey(signsFrom: number): Promise<SigningKey> {
  const { privateKey } = await generateKeyPair(algorithm, { extractable: true });
  return { id: crypto.randomUUID(), privateKey: await exportJWK(privateKey), signsFrom };
}

/** The key that signs at this time. If all are announced, as after a revocation, the first of them. */
export function signingKeyAt(keys: readonly SigningKey[], now: number): SigningKey | undefined {
  const begun = keys.filter(({ signsFrom }) => signsFrom <= now);
  const newestFirst = begun.toSorted((one, other) => other.signsFrom - one.signsFrom || order(one, other));
  return newestFirst[0] ?? keys.toSorted((one, other) => one.signsFrom - other.signsFrom || order(one, other))[0];
}

export function stateAt(key: SigningKey, keys: readonly SigningKey[], now: number): KeyState {
  if (signingKeyAt(keys, now)?.id === key.id) return "signing";
  if (key.signsFrom > now) return "announced";
  const successors = keys.filter(
    ({ signsFrom, id }) => signsFrom >= key.signsFrom && signsFrom <= now && id !== key.id,
  );
  const replacedAt = Math.min(...successors.map(({ signsFrom }) => signsFrom));
  return now < replacedAt + retiringMs ? "retiring" : "retired";
}

/** The JWKS at this time: every key but the retired ones, without its private part. */
export function publicKeysAt(keys: readonly SigningKey[], now: number): PublicKeySet {
  return { keys: keys.filter((key) => stateAt(key, keys, now) !== "retired").map(publicKeyOf) };
}

function publicKeyOf({ id, privateKey: { x = "", y = "" } }: SigningKey): PublicKey {
  return { kty: "EC", crv: "P-256", x, y, kid: id, alg: algorithm, use: "sig" };
}

/** Two keys of the same time, as two rotations at once may make them. */
const order = (one: SigningKey, other: SigningKey): number => (one.id < other.id ? -1 : 1);
