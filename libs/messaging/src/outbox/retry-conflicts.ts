import { anObject, callback, checkOptions, optional, type Rules, wholeNumber } from "../options/index.ts";
import { backoff, type Clock, ConcurrencyConflictError, realClock } from "../runtime/index.ts";

export interface RetryConflictsOptions {
  /** Tries in all, before the conflict is thrown. Default 10. A caller that cannot wait long sets fewer. */
  readonly attempts?: number;
  /** Called for each conflict that another try follows, for a metric: many conflicts show an aggregate that is too busy. */
  readonly onConflict?: (conflict: ConcurrencyConflictError) => void;
  /** For tests. */
  readonly clock?: Clock;
}

const rules: Rules<RetryConflictsOptions> = {
  attempts: optional(wholeNumber("attempts", 1)),
  onConflict: optional(callback),
  clock: optional(anObject),
};

/**
 * Loads, decides and commits. When another commit came in between, starts again with a new load, because a decision is valid
 * only for the state it was made on.
 *
 * ```ts
 * await retryConflicts(
 *   () => store.get(id),
 *   (order) => cancel(order),
 *   (order) => outbox.commit({ aggregate: order.id, save: store.save(order), events: [OrderCancelled({ id })] }),
 * );
 * ```
 *
 * @throws ConcurrencyConflictError when each attempt ended in one.
 */
export async function retryConflicts<State, Decision, Result>(
  load: () => Promise<State>,
  decide: (state: State) => Decision | Promise<Decision>,
  commit: (decision: Decision, state: State) => Promise<Result>,
  options: RetryConflictsOptions = {},
): Promise<Result> {
  checkOptions("retryConflicts", options, rules);
  const { attempts = 10, clock = realClock, onConflict } = options;
  for (let attempt = 1; ; attempt++) {
    const state = await load();
    const decision = await decide(state);
    try {
      return await commit(decision, state);
    } catch (error) {
      if (!(error instanceof ConcurrencyConflictError) || attempt >= attempts) throw error;
      onConflict?.(error);
      await clock.sleep(backoff(clock, attempt, { base: 5, cap: 200 }));
    }
  }
}
