import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";

const derive: (secret: string, salt: Buffer, length: number, options: ScryptOptions) => Promise<Buffer> =
  promisify(scrypt);

/** 16 MB and some 30 ms for each check. A secret has 256 random bits, which no search finds however fast the hash is. */
const cost = { N: 16_384, r: 8, p: 1 } as const;
const hashBytes = 32;
const saltBytes = 16;

/** Returns a new secret of 43 characters: base64url, so that it needs no escaping anywhere. */
export function createSecret(): string {
  return randomBytes(32).toString("base64url");
}

/** Returns the salted hash of a secret, with the parameters that it was made with: `scrypt$16384$8$1$<salt>$<hash>`. */
export async function hashSecret(secret: string): Promise<string> {
  const salt = randomBytes(saltBytes);
  const hash = await derive(secret, salt, hashBytes, cost);
  return ["scrypt", cost.N, cost.r, cost.p, salt.toString("base64url"), hash.toString("base64url")].join("$");
}

/** The hash of no secret, which takes as long to check as any other. */
const hashOfNone = `scrypt$${cost.N}$${cost.r}$${cost.p}$${"A".repeat(22)}$${"A".repeat(43)}`;

/**
 * Whether this is the secret behind the hash. The comparison takes the same time wherever the two differ, and without a hash
 * the check takes as long and fails: the time of an answer does not show which names exist.
 */
export async function matchesSecret(secret: string, hash: string | undefined): Promise<boolean> {
  const [, N, r, p, salt = "", expected = ""] = (hash ?? hashOfNone).split("$");
  const options = { N: Number(N), r: Number(r), p: Number(p) };
  const found = await derive(secret, Buffer.from(salt, "base64url"), hashBytes, options);
  return timingSafeEqual(found, Buffer.from(expected, "base64url")) && hash !== undefined;
}
