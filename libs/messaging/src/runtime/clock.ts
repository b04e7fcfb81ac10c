import { randomBytes } from "node:crypto";
import { setTimeout as delay, setImmediate as nextTurn } from "node:timers/promises";

/**
 * Time and randomness. The real ones are the default everywhere. A test that passes its own can run a day in a millisecond,
 * and repeat it exactly.
 */
export interface Clock {
  /** Milliseconds since the epoch by this machine's clock, for rows and messages. */
  now(): number;
  /** Milliseconds since some moment, never set back, for measuring durations. */
  monotonic(): number;
  /**
   * Resolves after that many milliseconds, or when the signal fires; the caller checks the signal. With 0, resolves after all
   * other work that is due.
   */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
  /** Calls `work` at that interval in milliseconds, until the returned function is called. */
  every(milliseconds: number, work: () => void): () => void;
  /** From 0 up to 1, for jitter: callers that fail together must not retry together. */
  random(): number;
  /** For ids, which must be unique across machines. */
  randomBytes(count: number): Uint8Array;
}

export const realClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (milliseconds, signal) => {
    const options = signal ? { signal } : {};
    // The shortest timer of Node.js takes a millisecond.
    const rested = milliseconds === 0 ? nextTurn(undefined, options) : delay(milliseconds, undefined, options);
    return rested.catch(() => undefined);
  },
  every: (milliseconds, work) => {
    const timer = setInterval(work, milliseconds);
    return () => clearInterval(timer);
  },
  random: () => Math.random(),
  randomBytes,
};

/** A signal that fires after that many milliseconds. Call `cancel` when the bounded work ends, or its timer keeps running. */
export function deadlineSignal(clock: Clock, milliseconds: number): { signal: AbortSignal; cancel: () => void } {
  const [expiry, over] = [new AbortController(), new AbortController()];
  void clock.sleep(milliseconds, over.signal).then(() => {
    if (!over.signal.aborted) expiry.abort(new DOMException("The time for this call is up.", "TimeoutError"));
  });
  // Without a reason, `abort` creates an error with a stack, once for each message.
  return { signal: expiry.signal, cancel: () => over.abort("over") };
}
