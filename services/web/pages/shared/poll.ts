import { type Answer, pause } from "./shop-api.ts";

const everyMs = 1_000;

/**
 * Reads once a second while the tab is in front, and waits for one answer before the next request. After a failure, the next
 * request waits for `retryMs` of the failure instead. Rejects with the reason of the signal.
 */
export async function poll<T>(
  read: (signal: AbortSignal) => Promise<Answer<T>>,
  onAnswer: (answer: Answer<T>) => void,
  signal: AbortSignal,
): Promise<never> {
  for (;;) {
    const answer = document.hidden ? undefined : await read(signal);
    signal.throwIfAborted();
    if (answer !== undefined) onAnswer(answer);
    await pause(answer?.ok === false ? answer.retryMs : everyMs, signal);
  }
}
