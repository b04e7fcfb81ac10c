/** So much at once, and so much more with time. */
export interface Rate {
  readonly burst: number;
  readonly perSecond: number;
}

/** What a caller has left. Seconds are rounded up. */
export interface Quota {
  readonly left: number;
  /** Seconds until the bucket is full again. */
  readonly fullIn: number;
  /** Seconds until there is another token; 0 when there is one. */
  readonly nextIn: number;
}

interface Bucket {
  /** As of `at`. */
  tokens: number;
  /** Milliseconds on a clock that only goes forward. */
  at: number;
}

/** More callers at once than this share the memory of the oldest: an attacker with many addresses must not fill ours. */
const mostBuckets = 100_000;

/**
 * A bucket of tokens for each caller, which fills up again with time. A full one is forgotten: it is what a new caller
 * gets. They are this process's own; n processes behind a balancer let n times as much pass.
 */
export class TokenBuckets {
  readonly #rate: Rate;
  readonly #now: () => number;
  readonly #buckets = new Map<string, Bucket>();

  constructor(rate: Rate, now: () => number = () => performance.now()) {
    this.#rate = rate;
    this.#now = now;
  }

  /** How many callers are remembered. */
  get size(): number {
    return this.#buckets.size;
  }

  /** Takes a token. False: there is none. */
  take(caller: string): boolean {
    const bucket = this.#filled(caller);
    if (bucket.tokens < 1) return false;
    bucket.tokens -= 1;
    this.#buckets.set(caller, bucket);
    if (this.#buckets.size > mostBuckets) this.#makeRoom();
    return true;
  }

  /** The token was not needed. */
  giveBack(caller: string): void {
    const bucket = this.#filled(caller);
    bucket.tokens = Math.min(this.#rate.burst, bucket.tokens + 1);
  }

  quota(caller: string): Quota {
    const { burst, perSecond } = this.#rate;
    const { tokens } = this.#filled(caller);
    return {
      left: Math.floor(tokens),
      fullIn: Math.ceil((burst - tokens) / perSecond),
      nextIn: tokens >= 1 ? 0 : Math.ceil((1 - tokens) / perSecond),
    };
  }

  #filled(caller: string): Bucket {
    const { burst, perSecond } = this.#rate;
    const now = this.#now();
    const bucket = this.#buckets.get(caller) ?? { tokens: burst, at: now };
    bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.at) / 1_000) * perSecond);
    bucket.at = now;
    return bucket;
  }

  /** Forgets who is full again, and if that is nobody, who came first. */
  #makeRoom(): void {
    const { burst, perSecond } = this.#rate;
    const now = this.#now();
    for (const [caller, { tokens, at }] of this.#buckets) {
      if (tokens + ((now - at) / 1_000) * perSecond >= burst) this.#buckets.delete(caller);
    }
    const [first] = this.#buckets.keys();
    if (this.#buckets.size > mostBuckets && first !== undefined) this.#buckets.delete(first);
  }
}
