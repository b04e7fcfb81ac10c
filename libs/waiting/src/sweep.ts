import type { Log } from "./log.ts";

export interface SweepOptions {
  /** One round. A rejection is logged, and the sweep goes on. */
  readonly task: () => unknown;
  /** Time between rounds in milliseconds, asked before each pause. Each pause differs from it by up to a quarter. */
  readonly pauseMs: () => number;
  readonly log: Log;
}

/**
 * Repeats a task with pauses. Its states:
 * - stopped  at first, and after `stop`: no timer is set
 * - pausing  a timer is set; `start` begins the pause again
 * - running  the task runs, once at a time; at its end the next pause begins, unless `stop` was called meanwhile
 */
export class Sweep {
  readonly #options: SweepOptions;
  #isStarted = false;
  #isRunning = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: SweepOptions) {
    this.#options = options;
  }

  /** Begins a pause, of at most `maxPauseMs`. */
  start(maxPauseMs = Number.POSITIVE_INFINITY): void {
    this.#isStarted = true;
    if (this.#isRunning) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#run(), Math.min(maxPauseMs, spread(this.#options.pauseMs())));
  }

  stop(): void {
    this.#isStarted = false;
    clearTimeout(this.#timer);
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    try {
      await this.#options.task();
    } catch (error) {
      this.#options.log.warn({ err: error }, "a sweep failed: the next one tries again");
    }
    this.#isRunning = false;
    if (this.#isStarted) this.start();
  }
}

/** A random time within a quarter of `ms`, so that processes that started together do not read together. */
export function spread(ms: number): number {
  return ms * (0.75 + Math.random() / 2);
}
