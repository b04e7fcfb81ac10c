import { wholeNumber } from "../options/index.ts";
import { type Clock, deadlineSignal } from "../runtime/index.ts";

/** The handler did not settle the message in time. It counts as failed, as if it had thrown. */
export class HandlerTimedOutError extends Error {
  override readonly name = "HandlerTimedOutError";

  constructor(type: string, limitMs: number) {
    super(
      `The handler of ${type} timed out after ${limitMs} ms, and its later commits fail. Give each call that it makes a time limit, or raise handlerTimeoutMs.`,
    );
  }
}

/** At most 24 days, the maximum of a timer of Node.js. @see https://nodejs.org/api/timers.html#settimeoutcallback-delay-args */
export const handlerTimeoutMs = wholeNumber("milliseconds", 1, 2 ** 31 - 1);

interface TimeLimit {
  readonly clock: Clock;
  readonly limitMs: number;
}

/** Checks whether the handler's time is up. @throws HandlerTimedOutError */
export interface HandlerTime {
  check(): void;
}

/**
 * Runs the handler of one delivery with a time limit: its message stays hidden while it runs, and a handler that hangs would
 * block its message group silently.
 *
 * Nothing can stop a handler after its time is up, but `check` keeps it from committing: another consumer may have the message
 * by then, or it may be dead-lettered.
 * @throws HandlerTimedOutError
 */
export async function withinTime<T>(
  type: string,
  { clock, limitMs }: TimeLimit,
  work: (time: HandlerTime) => Promise<T>,
): Promise<T> {
  const { signal, cancel } = deadlineSignal(clock, limitMs);
  const timedOut = () => new HandlerTimedOutError(type, limitMs);
  const timeUp = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(timedOut()), { once: true });
  });
  const check = () => {
    if (signal.aborted) throw timedOut();
  };
  try {
    return await Promise.race([work({ check }), timeUp]);
  } finally {
    cancel();
  }
}
