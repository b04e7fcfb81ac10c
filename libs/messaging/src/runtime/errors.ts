/**
 * Somebody else committed this version of the aggregate first; nothing of this commit was written. Load again and
 * decide again: `retryConflicts` does that.
 */
export class ConcurrencyConflict extends Error {
  override readonly name = "ConcurrencyConflict";
  readonly aggregate: string;
  readonly version: number;

  constructor(aggregate: string, version: number) {
    super(`Version ${version} of ${aggregate} was committed by somebody else. Load it again, decide again.`);
    this.aggregate = aggregate;
    this.version = version;
  }
}

/**
 * The aggregate's item is at the expected version, and the outbox has news of that aggregate under the version to be
 * committed: the item was deleted and made again, its table was restored from a backup, or another item commits under
 * the same aggregate. Nothing was written. No retry helps, so this is no `ConcurrencyConflict`.
 */
export class OutboxAheadError extends Error {
  override readonly name = "OutboxAheadError";
  readonly aggregate: string;
  /** The version that could not be committed. The outbox may have later ones. */
  readonly version: number;

  constructor(aggregate: string, version: number) {
    super(
      `The outbox has version ${version} of ${aggregate} already, but the aggregate's item is at an earlier one: the item was deleted and made again, its table was restored from a backup, or another item commits under the same aggregate. Nothing was committed. To recreate an aggregate on purpose, commit it with \`save.recreate: true\`. Otherwise raise the item's \`version\` to the highest in the outbox.`,
    );
    this.aggregate = aggregate;
    this.version = version;
  }
}

/**
 * The table did not say whether the commit took place, for as long as the outbox was willing to ask. It may have: read
 * the table, and never take this for a failure.
 */
export class CommitOutcomeUnknown extends Error {
  override readonly name = "CommitOutcomeUnknown";

  constructor(cause: unknown) {
    super("DynamoDB did not confirm the commit, which may have taken place. Read the table before deciding again.", {
      cause,
    });
  }
}

/** The commit does not fit into one DynamoDB transaction or its news not into one message. Nothing was sent. */
export class CommitTooLarge extends Error {
  override readonly name = "CommitTooLarge";
}

/** A condition failed on a write in `writes`, where nobody can answer for it. */
export class UnguardedCondition extends Error {
  override readonly name = "UnguardedCondition";

  constructor(table: string) {
    super(
      `A condition on a write to ${table} did not hold, and nothing was committed. Put the write under a name in "guarded", and the outcome tells you that it was refused.`,
    );
  }
}

/** The commit has two operations on one item, and a DynamoDB transaction takes one. Nothing was written. */
export class SameItemTwice extends Error {
  override readonly name = "SameItemTwice";

  constructor(what: string, options?: ErrorOptions) {
    super(
      `${what}: a DynamoDB transaction takes one operation an item. Make them one; a condition can be on the write itself.`,
      options,
    );
  }
}
