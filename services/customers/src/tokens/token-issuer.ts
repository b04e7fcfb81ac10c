import type { PublicKeySet } from "@doubleshot/identity";
import {
  issueToken,
  publicKeysAt,
  type SigningKey,
  type SigningKeyStore,
  signingKeyAt,
} from "@doubleshot/identity/issuing";

export interface TokenIssuerOptions {
  readonly store: SigningKeyStore;
  /** `iss` and `aud` of the tokens. */
  readonly names: { readonly issuer: string; readonly audience: string };
  now(): number;
}

export interface AccessToken {
  readonly token: string;
  readonly lifetimeSeconds: number;
}

/** A customer asks again after this time. */
const lifetimeSeconds = 60 * 60;

/** A process sees a rotation within this time. A new key signs ten minutes after it is published, and a revocation takes five anyway. */
const keysKeptMs = 5_000;

/** Signs tokens with the keys of the table, and publishes their public halves. */
export class TokenIssuer {
  readonly #options: TokenIssuerOptions;
  #keys: Promise<readonly SigningKey[]> | undefined;
  #readAt = Number.NEGATIVE_INFINITY;

  constructor(options: TokenIssuerOptions) {
    this.#options = options;
  }

  async issue(subject: string, roles: readonly string[]): Promise<AccessToken> {
    const issuedAt = this.#options.now();
    const key = signingKeyAt(await this.#currentKeys(issuedAt), issuedAt);
    if (key === undefined) throw new Error("The table of the signing keys has none, right after one was written.");
    const token = await issueToken(key, { subject, roles, ...this.#options.names, issuedAt, lifetimeSeconds });
    return { token, lifetimeSeconds };
  }

  async publicKeys(): Promise<PublicKeySet> {
    const now = this.#options.now();
    return publicKeysAt(await this.#currentKeys(now), now);
  }

  /** Reads the table at most once in five seconds; a failed read is not kept. */
  #currentKeys(now: number): Promise<readonly SigningKey[]> {
    if (this.#keys === undefined || now - this.#readAt >= keysKeptMs) {
      this.#readAt = now;
      this.#keys = this.#options.store.listOrCreate(now);
      this.#keys.catch(() => {
        this.#keys = undefined;
      });
    }
    return this.#keys;
  }
}
