import type { Clock } from "../../runtime/index.ts";
import { once } from "../once.ts";
import type { SeededRandom } from "../seeded-random.ts";
import type { Time } from "../time/time.ts";

export interface FakeProcessOptions {
  readonly name: string;
  readonly time: Time;
  readonly random: SeededRandom;
  /** Milliseconds by which its clock is ahead of the others'. */
  readonly skewMs?: number;
  /** Whether the network may crash it, see `Network`. Default false. */
  readonly canCrash?: boolean;
}

/**
 * A process that can crash or be suspended at any await. It is one of:
 * - running
 * - suspended  its sleeps, intervals and answers wait until it resumes, as if no time had passed
 * - crashed    its sleeps do not end, its intervals stop and its calls get no answer; requests under way may still arrive
 */
export class FakeProcess {
  readonly name: string;
  readonly canCrash: boolean;
  readonly clock: Clock;
  readonly #time: Time;
  readonly #random: SeededRandom;
  readonly #crashListeners: (() => void)[] = [];
  /** Work that waits for it to resume; undefined while it runs. */
  #postponed: (() => void)[] | undefined;
  /** The moment when its monotonic clock stopped, and the total of earlier stops. */
  #stoppedAt: number | undefined;
  #stoppedForMs = 0;
  #isCrashed = false;
  #timers = 0;

  constructor({ name, time, random, skewMs = 0, canCrash = false }: FakeProcessOptions) {
    this.name = name;
    this.#time = time;
    this.#random = random;
    this.canCrash = canCrash;
    this.clock = {
      now: () => time.now() + skewMs,
      monotonic: () => (this.#stoppedAt ?? time.now()) - this.#stoppedForMs,
      sleep: (milliseconds, signal) => this.#sleep(time, milliseconds, signal),
      every: (milliseconds, work) => this.#every(time, milliseconds, work),
      random: () => random.next(),
      randomBytes: (count) => random.bytes(count),
    };
  }

  /** Pending sleeps and intervals, which keep a real process alive. */
  get timers(): number {
    return this.#timers;
  }

  get isCrashed(): boolean {
    return this.#isCrashed;
  }

  crash(): void {
    if (this.#isCrashed) return;
    this.#isCrashed = true;
    for (const listener of this.#crashListeners) listener();
  }

  /** Registers a callback for its crash, like a supervisor. */
  onCrash(listener: () => void): void {
    this.#crashListeners.push(listener);
  }

  /**
   * Suspends the process for so many milliseconds, like a frozen container or a machine that swaps. Its monotonic clock may
   * stop as well.
   */
  suspend(milliseconds: number): void {
    if (this.#postponed !== undefined) return;
    this.#postponed = [];
    if (this.#random.chance(0.5)) this.#stoppedAt = this.#time.now();
    this.#time.after(milliseconds, () => {
      if (this.#stoppedAt !== undefined) this.#stoppedForMs += this.#time.now() - this.#stoppedAt;
      this.#stoppedAt = undefined;
      const postponed = this.#postponed ?? [];
      this.#postponed = undefined;
      for (const run of postponed) this.whenAwake(run);
    });
  }

  /** Runs work inside the process: now, when it resumes, or never if it has crashed. */
  whenAwake(run: () => void): void {
    if (this.#isCrashed) return;
    if (this.#postponed === undefined) run();
    else this.#postponed.push(run);
  }

  #sleep(time: Time, milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      if (this.#isCrashed) return;
      this.#timers += 1;
      const wake = once(() => {
        this.#timers -= 1;
        cancel();
        signal?.removeEventListener("abort", wake);
        this.whenAwake(resolve);
      });
      const cancel = time.after(milliseconds, wake);
      signal?.addEventListener("abort", wake);
      if (signal?.aborted) wake();
    });
  }

  #every(time: Time, milliseconds: number, work: () => void): () => void {
    let cancel = () => {};
    const next = () => {
      cancel = time.after(milliseconds, () => {
        if (this.#isCrashed) return;
        next();
        if (this.#postponed === undefined) work();
      });
    };
    next();
    this.#timers += 1;
    return once(() => {
      this.#timers -= 1;
      cancel();
    });
  }
}
