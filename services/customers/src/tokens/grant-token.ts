import { matchesSecret } from "@doubleshot/identity/issuing";
import type { SecretStore } from "./secret-store.ts";
import type { AccessToken, TokenIssuer } from "./token-issuer.ts";

export type Granted =
  | { readonly outcome: "granted"; readonly accessToken: AccessToken }
  /** There is no such customer, or the secret is wrong. Callers learn no more. */
  | { readonly outcome: "refused" }
  /** Too many secrets are being checked. */
  | { readonly outcome: "busy" };

/** A check takes 16 MB and some 30 ms of a thread. Node has four, which also verify tokens and resolve names. */
const maxChecks = 2;
/** Checks beyond these would take longer than callers wait. */
const maxWaiting = 50;

/** Grants tokens to customers that show their secret. */
export class GrantToken {
  readonly #secrets: SecretStore;
  readonly #issuer: TokenIssuer;
  readonly #waiting: (() => void)[] = [];
  #checks = 0;

  constructor(secrets: SecretStore, issuer: TokenIssuer) {
    this.#secrets = secrets;
    this.#issuer = issuer;
  }

  async grant(customerId: string, secret: string): Promise<Granted> {
    if (this.#waiting.length >= maxWaiting) return { outcome: "busy" };
    const hash = await this.#secrets.hashOf(customerId);
    if (!(await this.#inTurn(() => matchesSecret(secret, hash)))) return { outcome: "refused" };
    return { outcome: "granted", accessToken: await this.#issuer.issue(customerId, ["customer"]) };
  }

  async #inTurn<Result>(check: () => Promise<Result>): Promise<Result> {
    if (this.#checks >= maxChecks) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#checks += 1;
    try {
      return await check();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#checks -= 1;
      else next();
    }
  }
}
