import { randomBytes } from "node:crypto";
import { setTimeout as delay, setImmediate as nextTurn } from "node:timers/promises";

/**
 * Time and chance, which is all that the library takes from its surroundings unasked. The real ones are the default
 * everywhere; a test that passes its own can run a day in a millisecond, and the same day twice.
 */
export interface Clock {
  /** Milliseconds since the epoch, as this machine believes: what is written into rows and messages. */
  now(): number;
  /** Milliseconds since any moment; never set back, so it is what waits are measured with. */
  monotonic(): number;
  /**
   * Resolves after so many milliseconds, or as soon as the signal fires: the caller looks which it was. After 0, when
   * all else that is due has had its turn.
   */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
  /** Calls again and again, so many milliseconds apart, until the returned function is called. */
  every(milliseconds: number, work: () => void): () => void;
  /** From 0 up to 1: keeps those who failed together from coming back together. */
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

/** A signal that fires after so many milliseconds. Call `cancel` when what it bounds is over, or the timer outlives it. */
export function deadlineSignal(clock: Clock, milliseconds: number): { signal: AbortSignal; cancel: () => void } {
  const [expiry, over] = [new AbortController(), new AbortController()];
  void clock.sleep(milliseconds, over.signal).then(() => {
    if (!over.signal.aborted) expiry.abort(new DOMException("The time for this call is up.", "TimeoutError"));
  });
  // With a reason given, none is made: an error with its stack, once for each message.
  return { signal: expiry.signal, cancel: () => over.abort("over") };
}
