import { deepStrictEqual, throws } from "node:assert";

/** The state before a decision: see `given`. */
export interface Given<State> {
  /** Calls `decide` with the state and the input, if there is one. `decide` must be pure; a promise is not awaited. */
  when<Input extends readonly unknown[], Decision>(
    decide: (state: State, ...input: Input) => Decision,
    ...input: Input
  ): When<Decision>;
}

export interface When<Decision> {
  /**
   * Asserts the decision, events included. Pending events are equal if type, version and data are.
   * @throws AssertionError with the difference, which test runners print.
   */
  decides(expected: NoInfer<Decision>): void;
  /** Asserts that `decide` throws. `expected` is an error class, or a pattern of the message. */
  throws(expected: RegExp | (new (...args: never) => Error)): void;
}

/**
 * Tests a decision as a sentence, with any test runner.
 *
 * ```ts
 * given(placed).when(complete, { finishedAt }).decides({ order: completed, events: [OrderCompleted({ finishedAt })] });
 * ```
 */
export function given<State>(state: State): Given<State> {
  return {
    when: (decide, ...input) => ({
      decides: (expected) => deepStrictEqual(decide(state, ...input), expected),
      throws: (expected) => throws(() => decide(state, ...input), expected),
    }),
  };
}
