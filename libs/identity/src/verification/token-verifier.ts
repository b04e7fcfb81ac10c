import { errors, type JWTHeaderParameters, type JWTPayload, jwtVerify } from "jose";
import { LRUCache } from "lru-cache";
import { algorithm, clockToleranceSeconds, tokenType } from "../token-format.ts";
import type { ImportedKey, KeySet } from "./key-set.ts";

export interface TokenVerifierOptions {
  readonly keys: Pick<KeySet, "find" | "has">;
  /** The `iss` of the tokens. */
  readonly issuer: string;
  /** The tokens' `aud`, or one of them. */
  readonly audience: string;
  /** Default: the time of day. */
  readonly now?: () => Date;
}

/** A token that counts, and the caller that it stands for. */
export interface VerifiedToken {
  readonly outcome: "verified";
  readonly subject: string;
  readonly roles: readonly string[];
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

export type Verification =
  | VerifiedToken
  /** The reason is a sentence for the caller, in ASCII, without quotes and without any part of the token. */
  | { readonly outcome: "refused"; readonly reason: string }
  /** The issuer's keys were never read, so the token cannot be judged. */
  | { readonly outcome: "keys-unavailable" };

/** A token of this shop has some 400 characters. */
const maxTokenLength = 4_096;
/** Some 5 MB. Beyond that, the token that was sent least recently is verified again when it comes. */
const maxKeptTokens = 10_000;
/** Ids of customers are UUIDs; people have names. */
const maxSubjectLength = 200;

/**
 * Verifies access tokens (RFC 9068) without a call to their issuer: the signature (ES256 alone), `typ`, `iss`, `aud`, `exp`
 * and `nbf` with 30 s of tolerance, `sub`. A key id is required, so that a token never chooses among keys.
 *
 * Callers send one token many times, and its signature is most of the cost. So a verified token is kept, and counts again until
 * it expires or the issuer withdraws its key.
 */
export class TokenVerifier {
  readonly #options: TokenVerifierOptions;
  readonly #now: () => Date;
  readonly #verified = new LRUCache<string, KeptToken>({ max: maxKeptTokens });

  constructor(options: TokenVerifierOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => new Date());
  }

  async verify(token: string): Promise<Verification> {
    if (token.length > maxTokenLength) return refused("The token is longer than 4,096 characters.");
    const kept = this.#verified.get(token);
    if (kept !== undefined && this.#counts(kept)) return kept.verdict;
    this.#verified.delete(token);
    return this.#judge(token, this.#now());
  }

  #counts({ verdict, kid, key }: KeptToken): boolean {
    const endsAt = verdict.expiresAt + clockToleranceSeconds * 1_000;
    return this.#now().getTime() < endsAt && this.#options.keys.has(kid, key);
  }

  async #judge(token: string, currentDate: Date): Promise<Verification> {
    const { issuer, audience } = this.#options;
    try {
      const { payload, protectedHeader, key } = await jwtVerify(token, (header) => this.#keyFor(header), {
        algorithms: [algorithm],
        typ: tokenType,
        issuer,
        audience,
        clockTolerance: clockToleranceSeconds,
        currentDate,
        requiredClaims: ["exp", "iat", "sub"],
      });
      const verdict = verdictOf(payload);
      const { kid = "" } = protectedHeader;
      if (verdict.outcome === "verified") this.#verified.set(token, { verdict, kid, key });
      return verdict;
    } catch (error) {
      if (error instanceof KeysUnavailableError) return { outcome: "keys-unavailable" };
      return refused(reasonOf(error));
    }
  }

  async #keyFor({ kid }: JWTHeaderParameters) {
    if (typeof kid !== "string" || kid === "") throw new RefusedTokenError("The token names no key.");
    const key = await this.#options.keys.find(kid);
    if (key === "unavailable") throw new KeysUnavailableError();
    if (key === "unknown")
      throw new RefusedTokenError("The token is signed with a key that is unknown or no longer used.");
    return key;
  }
}

interface KeptToken {
  readonly verdict: VerifiedToken;
  readonly kid: string;
  readonly key: ImportedKey;
}

class KeysUnavailableError extends Error {
  override readonly name = "KeysUnavailableError";
}

/** The message is the reason for the caller. */
class RefusedTokenError extends Error {
  override readonly name = "RefusedTokenError";
}

function verdictOf({ sub, roles, exp = 0 }: JWTPayload): Verification {
  if (typeof sub !== "string" || sub === "") return refused("The token names no subject.");
  if (sub.length > maxSubjectLength) {
    return refused(`The subject of the token is longer than ${maxSubjectLength} characters.`);
  }
  const named = Array.isArray(roles) ? roles.filter((role) => typeof role === "string") : [];
  return { outcome: "verified", subject: sub, roles: named, expiresAt: exp * 1_000 };
}

const refused = (reason: string): Verification => ({ outcome: "refused", reason });

const claimReasons: Readonly<Record<string, string>> = {
  nbf: "The token is not valid yet.",
  iss: "The token is from another issuer.",
  aud: "The token is for another audience.",
  typ: "The token is no access token.",
};

/** Nothing of the error's own text, which may repeat a part of the token. @throws the error if it is no judgement */
function reasonOf(error: unknown): string {
  if (error instanceof RefusedTokenError) return error.message;
  if (error instanceof errors.JWTExpired) return "The token has expired.";
  if (error instanceof errors.JWTClaimValidationFailed) {
    return claimReasons[error.claim] ?? "The token lacks a claim: it needs iss, aud, sub, iat and exp.";
  }
  if (error instanceof errors.JOSEAlgNotAllowed) return "The token is not signed with ES256.";
  if (error instanceof errors.JWSSignatureVerificationFailed) return "The signature of the token is wrong.";
  if (error instanceof errors.JOSEError) return "The token is malformed.";
  throw error;
}
