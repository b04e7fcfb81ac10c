/** The tables have all writes of the commit, its events included. */
export interface Committed {
  readonly outcome: "committed";
  /** The aggregate's version now; absent when the commit names no version. */
  readonly version?: number;
}

/** Nothing was written, because one of the commit's `guarded` conditions did not hold. */
export interface Refused<Names extends string = string> {
  readonly outcome: "refused";
  readonly by: Names;
  /** The item that made the condition fail, if it exists. */
  readonly found?: Readonly<Record<string, unknown>>;
}

/** An earlier delivery handled the message; nothing was written now. */
export interface Duplicate {
  readonly outcome: "duplicate";
}

declare const settled: unique symbol;

/**
 * The result that a handler must return. Only `ignore(reason)` and a `message.commit(...)` that is not refused have this type, so
 * a handler that forgets to commit, or leaves a refusal undecided, does not compile.
 */
export interface Settled {
  readonly [settled]: true;
}

export interface Ignored {
  readonly outcome: "ignored";
  readonly reason: string;
}

/**
 * Return it from a handler that writes nothing. The subscriber then records the reason in the inbox, so an audit finds the message
 * handled, and settles the delivery.
 */
export function ignore(reason: string): Ignored & Settled {
  return asSettled({ outcome: "ignored", reason });
}

/** Puts the brand on an outcome. The brand exists for the compiler alone. */
export function asSettled<T extends object>(outcome: T): T & Settled {
  return outcome as T & Settled;
}
