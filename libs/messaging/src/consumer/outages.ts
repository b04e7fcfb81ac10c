import { backoff, type Clock, isOutage } from "../runtime/index.ts";

export interface OutagesOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onOutage: (error: unknown) => void;
}

/** Keeps count of calls that AWS did not answer, across everything a poll does, and how long to leave it alone for. */
export class Outages {
  readonly #options: OutagesOptions;
  /** Failed calls in a row; 0 while AWS is well. */
  #count = 0;

  constructor(options: OutagesOptions) {
    this.#options = options;
  }

  get out(): boolean {
    return this.#count > 0;
  }

  over(): void {
    this.#count = 0;
  }

  met(error: unknown): void {
    this.#count += 1;
    this.#options.onOutage(error);
  }

  async pause(): Promise<void> {
    const { clock, signal } = this.#options;
    await clock.sleep(backoff(clock, this.#count, { base: 50, cap: 5_000 }), signal);
  }

  /**
   * Makes a call until it is answered, for what must not go on without; undefined when the signal fires before.
   * @throws what is no outage, and would be the same the next time.
   */
  async untilAnswered<T>(call: () => Promise<T>): Promise<T | undefined> {
    while (!this.#options.signal.aborted) {
      try {
        return await call();
      } catch (error) {
        if (!isOutage(error)) throw error;
        this.met(error);
        await this.pause();
      }
    }
    return undefined;
  }
}
