import type { Clock } from "../../runtime/index.ts";
import { once } from "../once.ts";
import type { SeededRandom } from "../seeded-random.ts";
import type { Time } from "../time/time.ts";

export interface FakeProcessOptions {
  readonly name: string;
  readonly time: Time;
  readonly random: SeededRandom;
  /** Milliseconds by which its clock is ahead of everybody else's. */
  readonly skew?: number;
  /** Whether the network may kill it, see `Network`. Default no. */
  readonly mortal?: boolean;
}

/**
 * A process that can die at any await: its sleeps no longer end, its intervals fall silent and its calls get no answer,
 * so whatever it was about to do, it never does. Requests that were on their way may still arrive. And that can stand
 * still for a while, and go on as if no time had passed.
 */
export class FakeProcess {
  readonly name: string;
  readonly mortal: boolean;
  readonly clock: Clock;
  readonly #time: Time;
  readonly #random: SeededRandom;
  readonly #farewells: (() => void)[] = [];
  /** What waits for it to wake up; undefined while it is awake. */
  #overslept: (() => void)[] | undefined;
  /** When its monotonic clock stopped with it, and how long that has stood still before. */
  #stoppedAt: number | undefined;
  #stoppedFor = 0;
  #crashed = false;
  #timers = 0;

  constructor({ name, time, random, skew = 0, mortal = false }: FakeProcessOptions) {
    this.name = name;
    this.#time = time;
    this.#random = random;
    this.mortal = mortal;
    this.clock = {
      now: () => time.now() + skew,
      monotonic: () => (this.#stoppedAt ?? time.now()) - this.#stoppedFor,
      sleep: (milliseconds, signal) => this.#sleep(time, milliseconds, signal),
      every: (milliseconds, work) => this.#every(time, milliseconds, work),
      random: () => random.next(),
      randomBytes: (count) => random.bytes(count),
    };
  }

  /** Sleeps and intervals that are not over: what keeps a real process alive. */
  get timers(): number {
    return this.#timers;
  }

  get crashed(): boolean {
    return this.#crashed;
  }

  crash(): void {
    if (this.#crashed) return;
    this.#crashed = true;
    for (const farewell of this.#farewells) farewell();
  }

  /** Told when it crashes, like a supervisor. */
  onCrash(farewell: () => void): void {
    this.#farewells.push(farewell);
  }

  /**
   * Stands still for so long, as a machine does that swaps, or a container that is frozen: the world goes on without it,
   * and so does its monotonic clock, or not.
   */
  suspend(milliseconds: number): void {
    if (this.#overslept !== undefined) return;
    this.#overslept = [];
    if (this.#random.chance(0.5)) this.#stoppedAt = this.#time.now();
    this.#time.after(milliseconds, () => {
      if (this.#stoppedAt !== undefined) this.#stoppedFor += this.#time.now() - this.#stoppedAt;
      this.#stoppedAt = undefined;
      const overslept = this.#overslept ?? [];
      this.#overslept = undefined;
      for (const run of overslept) this.whenAwake(run);
    });
  }

  /** Runs what happens inside the process: now, when it wakes up, or never if it has crashed. */
  whenAwake(run: () => void): void {
    if (this.#crashed) return;
    if (this.#overslept === undefined) run();
    else this.#overslept.push(run);
  }

  #sleep(time: Time, milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      if (this.#crashed) return;
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
        if (this.#crashed) return;
        next();
        if (this.#overslept === undefined) work();
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
