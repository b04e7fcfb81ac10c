import { importJWK, SignJWT } from "jose";
import { algorithm, tokenType } from "../token-format.ts";
import type { SigningKey } from "./signing-key.ts";

export interface TokenClaims {
  /** The caller that the token stands for: the id of a customer, or the name of a person. */
  readonly subject: string;
  readonly roles: readonly string[];
  readonly issuer: string;
  readonly audience: string;
  /** Epoch milliseconds; a token has whole seconds. */
  readonly issuedAt: number;
  readonly lifetimeSeconds: number;
}

/**
 * Returns a signed access token.
 * @see https://www.rfc-editor.org/rfc/rfc9068
 */
export async function issueToken({ id, privateKey }: SigningKey, claims: TokenClaims): Promise<string> {
  const { subject, roles, issuer, audience, issuedAt, lifetimeSeconds } = claims;
  const seconds = Math.floor(issuedAt / 1_000);
  return new SignJWT({ client_id: subject, roles: [...roles] })
    .setProtectedHeader({ alg: algorithm, typ: tokenType, kid: id })
    .setIssuer(issuer)
    .setAudience(audience)
    .setSubject(subject)
    .setJti(crypto.randomUUID())
    .setIssuedAt(seconds)
    .setNotBefore(seconds)
    .setExpirationTime(seconds + lifetimeSeconds)
    .sign(await importJWK(privateKey, algorithm));
}
