import { backoff, type Clock, isOutage } from "../runtime/index.ts";

export interface OutagesOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onOutage: (error: unknown) => void;
}

/** Counts the consecutive outages of a poll's calls, and pauses accordingly. */
export class Outages {
  readonly #options: OutagesOptions;
  /** Failed calls in a row; 0 while AWS answers. */
  #count = 0;

  constructor(options: OutagesOptions) {
    this.#options = options;
  }

  /** Whether the last call failed. */
  get isOut(): boolean {
    return this.#count > 0;
  }

  /** A call was answered. */
  answered(): void {
    this.#count = 0;
  }

  /** A call failed because AWS is out. */
  failed(error: unknown): void {
    this.#count += 1;
    this.#options.onOutage(error);
  }

  async pause(): Promise<void> {
    const { clock, signal } = this.#options;
    await clock.sleep(backoff(clock, this.#count, { base: 50, cap: 5_000 }), signal);
  }

  /**
   * Repeats a call until it is answered. Returns undefined when the signal fires first.
   * @throws the call's error if it is not an outage.
   */
  async untilAnswered<T>(call: () => Promise<T>): Promise<T | undefined> {
    while (!this.#options.signal.aborted) {
      try {
        return await call();
      } catch (error) {
        if (!isOutage(error)) throw error;
        this.failed(error);
        await this.pause();
      }
    }
    return undefined;
  }
}
