/** The one signature algorithm: ECDSA on P-256. A token with another one, or with `none`, is refused before its key is looked up. */
export const algorithm = "ES256";

/**
 * The `typ` of the tokens. Another JWT that the same key may have signed is no access token.
 * @see https://www.rfc-editor.org/rfc/rfc9068#section-2.1
 */
export const tokenType = "at+jwt";

/** The clocks of two machines may differ by this much: `nbf` and `exp` count that much later. */
export const clockToleranceSeconds = 30;

/**
 * A token is valid for at most this time, so a key is published for as long after it has signed its last one. A token that an
 * issuer makes for longer ends with its key.
 */
export const maxLifetimeSeconds = 24 * 60 * 60;

/** The public half of a signing key, as a JWKS lists it (RFC 7517). */
export interface PublicKey {
  readonly kty: "EC";
  readonly crv: "P-256";
  readonly x: string;
  readonly y: string;
  readonly kid: string;
  readonly alg: typeof algorithm;
  readonly use: "sig";
}

export interface PublicKeySet {
  readonly keys: readonly PublicKey[];
}
