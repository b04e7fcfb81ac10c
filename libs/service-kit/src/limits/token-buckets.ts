import { LRUCache } from "lru-cache";

/** So much at once, and so much more with time. */
export interface Rate {
  readonly burst: number;
  readonly perSecond: number;
}

/** The tokens that a caller has left. Seconds are rounded up. */
export interface Quota {
  readonly left: number;
  /** Seconds until the bucket is full again. */
  readonly fullInSeconds: number;
  /** Seconds until there is another token; 0 when there is one. */
  readonly nextInSeconds: number;
}

interface Bucket {
  /** As of `at`. */
  tokens: number;
  /** Milliseconds on a clock that only goes forward. */
  at: number;
}

/** An attacker with many addresses must not fill the memory. */
const maxBuckets = 100_000;

/**
 * A bucket of tokens for each caller, which fills up with time. They are this process's own; n processes behind a
 * balancer let n times as much pass.
 *
 * Beyond `maxBuckets`, a newcomer takes the place of the bucket that nobody has asked about for the longest time, refused
 * requests included. As a rule that one is full by now, which is what a new caller gets. To have an empty one dropped and
 * so filled early, its caller would have to be silent while 100,000 other addresses order, each of which has a whole
 * burst of its own: a caller with so many addresses has no need for it.
 */
export class TokenBuckets {
  readonly #rate: Rate;
  readonly #now: () => number;
  /** By size: with `max`, the cache would allocate a place for every bucket at once, 2 MB and 15 ms of each start. */
  readonly #buckets = new LRUCache<string, Bucket>({ maxSize: maxBuckets, sizeCalculation: () => 1 });

  constructor(rate: Rate, now: () => number = () => performance.now()) {
    this.#rate = rate;
    this.#now = now;
  }

  /** The number of callers that have a bucket here. */
  get size(): number {
    return this.#buckets.size;
  }

  /** Takes a token. False: there is none. */
  take(caller: string): boolean {
    const bucket = this.#filled(caller);
    if (bucket.tokens < 1) return false;
    bucket.tokens -= 1;
    this.#buckets.set(caller, bucket);
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
      fullInSeconds: Math.ceil((burst - tokens) / perSecond),
      nextInSeconds: tokens >= 1 ? 0 : Math.ceil((1 - tokens) / perSecond),
    };
  }

  /** The caller's bucket as of now. A new one is not kept yet. */
  #filled(caller: string): Bucket {
    const { burst, perSecond } = this.#rate;
    const now = this.#now();
    const bucket = this.#buckets.get(caller) ?? { tokens: burst, at: now };
    bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.at) / 1_000) * perSecond);
    bucket.at = now;
    return bucket;
  }
}
