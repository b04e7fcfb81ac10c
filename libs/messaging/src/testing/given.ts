import { deepStrictEqual, throws } from "node:assert";

/** What is known before a decision: see `given`. */
export interface Given<State> {
  /** Decides: `decide` gets the state and the input, if there is any. It must be pure; a promise is not waited for. */
  when<Input extends readonly unknown[], Decision>(
    decide: (state: State, ...input: Input) => Decision,
    ...input: Input
  ): When<Decision>;
}

export interface When<Decision> {
  /**
   * The decision is this one, events included: pending events are equal when type, version and data are.
   * @throws AssertionError with the difference, which test runners print.
   */
  decides(expected: NoInfer<Decision>): void;
  /** Nothing is decided: it throws such an error. `expected` is a class, or a pattern of the message. */
  throws(expected: RegExp | (new (...args: never) => Error)): void;
}

/**
 * Tests a decision as a sentence. Works under any test runner.
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
