/**
 * Another commit wrote this version of the aggregate first, and nothing of this commit was written. Load and decide again;
 * `retryConflicts` does that.
 */
export class ConcurrencyConflictError extends Error {
  override readonly name = "ConcurrencyConflictError";
  readonly aggregate: string;
  readonly version: number;

  constructor(aggregate: string, version: number) {
    super(`Another commit wrote version ${version} of ${aggregate}. Load it and decide again.`);
    this.aggregate = aggregate;
    this.version = version;
  }
}

/**
 * The aggregate's item is at the expected version, but the outbox has events of the version to be committed. Nothing was
 * written, and no retry helps, unlike after a `ConcurrencyConflictError`. Possible causes:
 * - the item was deleted and created again
 * - its table was restored from a backup
 * - another item commits under the same aggregate
 */
export class OutboxAheadError extends Error {
  override readonly name = "OutboxAheadError";
  readonly aggregate: string;
  /** The version that could not be committed. The outbox may have later ones. */
  readonly version: number;

  constructor(aggregate: string, version: number) {
    super(
      `The outbox already has version ${version} of ${aggregate}, but the aggregate's item is at an earlier one: the item was deleted and created again, its table was restored from a backup, or another item commits under the same aggregate. Nothing was committed. To recreate an aggregate on purpose, commit it with \`save.recreate: true\`. Otherwise raise the item's \`version\` to the highest in the outbox.`,
    );
    this.aggregate = aggregate;
    this.version = version;
  }
}

/** DynamoDB did not confirm the commit in time. It may have taken effect: read the table before deciding again. */
export class CommitOutcomeUnknownError extends Error {
  override readonly name = "CommitOutcomeUnknownError";

  constructor(cause: unknown) {
    super("DynamoDB did not confirm the commit, which may have taken effect. Read the table before deciding again.", {
      cause,
    });
  }
}

/** The commit does not fit into one DynamoDB transaction, or an event does not fit into a message. Nothing was sent. */
export class CommitTooLargeError extends Error {
  override readonly name = "CommitTooLargeError";
}

/** A condition failed on a write in `writes`, which has no name for an outcome. Nothing was written. */
export class UnguardedConditionError extends Error {
  override readonly name = "UnguardedConditionError";

  constructor(table: string) {
    super(
      `A condition on a write to ${table} did not hold, and nothing was committed. Put the write under a name in "guarded"; the outcome is then "refused", with that name.`,
    );
  }
}

/** The commit has two operations on one item, and a DynamoDB transaction takes one. Nothing was written. */
export class SameItemTwiceError extends Error {
  override readonly name = "SameItemTwiceError";

  constructor(finding: string, options?: ErrorOptions) {
    super(
      `${finding}: a DynamoDB transaction takes one operation an item. Combine them; a condition can be on the write itself.`,
      options,
    );
  }
}
