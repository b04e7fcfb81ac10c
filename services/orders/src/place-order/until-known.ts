import { setTimeout as delay } from "node:timers/promises";
import { CommitOutcomeUnknown, isOutage } from "@doubleshot/messaging";

/** Nobody is there any more to hear the outcome. */
export interface NeverKnown {
  readonly outcome: "never known";
  /** False: no try has taken effect. */
  readonly mayExist: boolean;
}

/**
 * Repeats a commit until its outcome is known: through outages, and through tries that DynamoDB left unanswered. So the
 * commit must recognise what an earlier try of its own did. Ends early, between two tries, when the signal fires.
 * @throws what no repetition mends.
 */
export async function untilKnown<Result>(
  commit: () => Promise<Result>,
  { signal, onTrouble }: { signal: AbortSignal; onTrouble: (error: unknown, attempt: number) => void },
): Promise<Result | NeverKnown> {
  let mayExist = false;
  for (let attempt = 1; ; attempt++) {
    try {
      return await commit();
    } catch (error) {
      const unanswered = error instanceof CommitOutcomeUnknown;
      if (!unanswered && !isOutage(error)) throw error;
      mayExist ||= unanswered;
      if (signal.aborted) return { outcome: "never known", mayExist };
      onTrouble(error, attempt);
    }
    const bound = Math.min(2_000, 50 * 2 ** attempt);
    await delay(Math.random() * bound, undefined, { signal }).catch(() => undefined);
  }
}
