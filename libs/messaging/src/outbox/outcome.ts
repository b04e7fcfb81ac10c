/** Everything of the commit is in the tables, its events included. */
export interface Committed {
  readonly outcome: "committed";
  /** The version the aggregate has now; absent when the commit named none. */
  readonly version?: number;
}

/** Nothing of the commit is in the tables, because one of its `guarded` conditions did not hold. */
export interface Refused<Names extends string = string> {
  readonly outcome: "refused";
  readonly by: Names;
  /** The item as it was found, if there was one. */
  readonly found?: Readonly<Record<string, unknown>>;
}

/** The message had been handled before; nothing was written now. */
export interface Duplicate {
  readonly outcome: "duplicate";
}

declare const settled: unique symbol;

/**
 * Proof that a delivery has been dealt with. Only a message's own `commit` and `ignore` make one, so a handler that
 * forgets to commit, or leaves a refusal undecided, does not compile.
 */
export interface Settled {
  readonly [settled]: true;
}

export interface Ignored {
  readonly outcome: "ignored";
  readonly reason: string;
}

/**
 * Settles a delivery that asks for nothing. The message is still recorded in the inbox, with the reason, so that the
 * audit counts it as handled.
 */
export function ignore(reason: string): Ignored & Settled {
  return asSettled({ outcome: "ignored", reason });
}

/** Puts the brand on an outcome. The brand exists for the compiler alone. */
export function asSettled<T extends object>(outcome: T): T & Settled {
  return outcome as T & Settled;
}
