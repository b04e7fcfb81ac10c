import { type Clock, deadlineSignal, wholeNumber } from "../runtime/index.ts";

/** The handler had not settled the message when its time was up. It counts as failed, like one that threw. */
export class HandlerTimedOut extends Error {
  override readonly name = "HandlerTimedOut";

  constructor(type: string, limit: number) {
    super(
      `The handler of ${type} was given up after ${limit} ms, and can commit nothing any more. Give each call it makes a time limit, or raise handlerTimeout.`,
    );
  }
}

/** The longest a timer of Node.js can run: 24 days. @see https://nodejs.org/api/timers.html#settimeoutcallback-delay-args */
export const handlerTimeout = wholeNumber("milliseconds", 1, 2 ** 31 - 1);

interface Time {
  readonly clock: Clock;
  /** Milliseconds. */
  readonly limit: number;
}

/**
 * Runs the handler of one delivery, and gives it up when its time is up: its message is kept hidden for as long as it
 * runs, and one that hangs would hold up its group without a sound.
 *
 * Nothing can stop what was given up. `givenUp` keeps it from committing: whatever it does later, its message has been
 * handed out again or dead-lettered, and must not be handled behind the back of whoever has it now.
 * @throws HandlerTimedOut
 */
export async function withinTime<T>(
  type: string,
  { clock, limit }: Time,
  work: (givenUp: { check(): void }) => Promise<T>,
): Promise<T> {
  const { signal, cancel } = deadlineSignal(clock, limit);
  const timedOut = () => new HandlerTimedOut(type, limit);
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
