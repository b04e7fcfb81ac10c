import { setTimeout as delay } from "node:timers/promises";
import { importJWK } from "jose";
import { algorithm, type PublicKey } from "../token-format.ts";

export type ImportedKey = Awaited<ReturnType<typeof importJWK>>;

export interface KeySetOptions {
  readonly load: () => Promise<readonly PublicKey[]>;
  /** Called for each load that failed. The keys of the last successful load stay in use. */
  readonly onTrouble: (error: unknown) => void;
  /** Milliseconds on a clock that only goes forward. Default: `performance.now`. */
  readonly now?: () => number;
}

/** `unavailable`: no load has succeeded so far, so no token can be judged. */
export type KeySearch = ImportedKey | "unknown" | "unavailable";

/** A key that the issuer no longer publishes is trusted for at most this time, while the issuer answers. */
const refreshMs = 5 * 60_000;
/** The pause after a failed load doubles with each failure, between these limits. */
const minRetryMs = 1_000;
const maxRetryMs = 60_000;
/** Any number of tokens with invented key ids cause at most one load in this time. */
const unknownKeyLoadMs = 10_000;

/**
 * The issuer's public keys, as this process knows them. The set is one of:
 *
 * - empty    no load has succeeded: a token waits for the load under way, or starts one
 * - loaded   tokens are verified without the issuer. A load every five minutes replaces the keys; a failed one keeps them,
 *            so that services go on while the issuer is down
 *
 * A token with an unknown key id waits for a load, of which there is at most one in ten seconds. Between these loads it is
 * refused at once.
 */
export class KeySet {
  readonly #options: KeySetOptions;
  readonly #now: () => number;
  #keys: ReadonlyMap<string, LoadedKey> = new Map();
  #loading: Promise<boolean> | undefined;
  #triedAt = Number.NEGATIVE_INFINITY;

  constructor(options: KeySetOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  /** Loads the keys now and from time to time, until the signal. Never rejects. */
  async follow(signal: AbortSignal): Promise<void> {
    let failures = 0;
    while (!signal.aborted) {
      failures = (await this.#load()) ? 0 : failures + 1;
      const pauseMs = failures === 0 ? refreshMs : Math.min(maxRetryMs, minRetryMs * 2 ** (failures - 1));
      // Instances that started together do not ask the issuer together.
      await delay(pauseMs * (0.75 + Math.random() / 4), undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  /** Returns the key with this id, after a load if it is unknown and a load is due. */
  async find(kid: string): Promise<KeySearch> {
    const known = this.#keys.get(kid);
    if (known !== undefined) return known.key;
    const pauseMs = this.#keys.size === 0 ? minRetryMs : unknownKeyLoadMs;
    if (this.#loading !== undefined || this.#now() - this.#triedAt >= pauseMs) await this.#load();
    if (this.#keys.size === 0) return "unavailable";
    return this.#keys.get(kid)?.key ?? "unknown";
  }

  /** Whether this is the key that tokens with this id are verified with at the moment. */
  has(kid: string, key: ImportedKey): boolean {
    return this.#keys.get(kid)?.key === key;
  }

  /** One load at a time. Returns whether it succeeded. */
  #load(): Promise<boolean> {
    this.#triedAt = this.#now();
    this.#loading ??= this.#replaceKeys()
      .then(
        () => true,
        (error: unknown) => {
          this.#options.onTrouble(error);
          return false;
        },
      )
      .finally(() => {
        this.#loading = undefined;
      });
    return this.#loading;
  }

  async #replaceKeys(): Promise<void> {
    const listed = await this.#options.load();
    const entries = listed.map(async (jwk) => [jwk.kid, await this.#imported(jwk)] as const);
    this.#keys = new Map(await Promise.all(entries));
  }

  /** An unchanged key stays the same object. */
  async #imported(jwk: PublicKey): Promise<LoadedKey> {
    const text = `${jwk.x}.${jwk.y}`;
    const known = this.#keys.get(jwk.kid);
    return known?.text === text ? known : { text, key: await importJWK({ ...jwk }, algorithm) };
  }
}

interface LoadedKey {
  /** The point on the curve, as the JWKS has it. */
  readonly text: string;
  readonly key: ImportedKey;
}
