import { setTimeout as delay } from "node:timers/promises";
import { CommitOutcomeUnknownError, isOutage } from "@doubleshot/messaging";

/** The signal ended the attempts before one had a known outcome. */
export interface NeverKnown {
  readonly outcome: "never-known";
  /** False: no attempt has taken effect. */
  readonly mayExist: boolean;
}

export interface ThroughOutagesOptions {
  /** Ends the attempts, between two of them. */
  readonly signal: AbortSignal;
  readonly onRetry: (error: unknown, attempt: number) => void;
}

/**
 * Repeats a commit through outages, and after attempts that DynamoDB left unanswered, until its outcome is known. The
 * commit must recognise the effect of an earlier attempt.
 * @throws Errors that a repetition cannot mend.
 */
export async function commitThroughOutages<Result>(
  commit: () => Promise<Result>,
  { signal, onRetry }: ThroughOutagesOptions,
): Promise<Result | NeverKnown> {
  let mayExist = false;
  for (let attempt = 1; ; attempt++) {
    try {
      return await commit();
    } catch (error) {
      const isUnanswered = error instanceof CommitOutcomeUnknownError;
      if (!isUnanswered && !isOutage(error)) throw error;
      mayExist ||= isUnanswered;
      if (signal.aborted) return { outcome: "never-known", mayExist };
      onRetry(error, attempt);
    }
    const maxPauseMs = Math.min(2_000, 50 * 2 ** attempt);
    await delay(Math.random() * maxPauseMs, undefined, { signal }).catch(() => undefined);
  }
}
