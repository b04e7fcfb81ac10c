import type { TransactWriteCommandInput } from "@aws-sdk/lib-dynamodb";
import type { PendingEvent } from "../events/index.ts";
import type { Committed, Refused } from "./outcome.ts";

/**
 * One write of a DynamoDB transaction: `{ Put }`, `{ Update }`, `{ Delete }` or `{ ConditionCheck }`, with native JavaScript
 * values.
 */
export type Write = NonNullable<TransactWriteCommandInput["TransactItems"]>[number];

/** An aggregate's own item, and the optimistic lock on it. */
export interface Save {
  readonly table: string;
  readonly key: Readonly<Record<string, string | number>>;
  /** All attributes but the key and `version`. The commit adds these, and rejects an item with a `version` of its own. */
  readonly item: Readonly<Record<string, unknown>> & { readonly version?: never };
  /** The loaded version, 0 for a new item. The commit writes version `expected + 1`, and only over `expected`. */
  readonly expected: number;
  /**
   * For an item that may have been deleted or restored before. The commit reads the aggregate's highest version in the
   * outbox, and writes the next one, still only over `expected`. The sequence of its events continues, for as long as the
   * outbox keeps rows of the earlier ones (`retentionDays.outbox`). The read needs `dynamodb:Query` on the outbox table.
   */
  readonly recreate?: boolean;
}

/** Writes that take effect together, or not at all. */
export type Commit<Names extends string = never> = Writes<Names> & (SavedAggregate | NumberedAggregate | NoAggregate);

interface Writes<Names extends string> {
  /** Writes without a condition. A condition that fails here is a bug, and throws `UnguardedConditionError`. */
  readonly writes?: readonly Write[];
  /** Writes with a condition that may fail. The outcome is then `refused`, with the name given here. */
  readonly guarded?: { readonly [Name in Names]: Write };
}

interface SavedAggregate {
  /** `<kind>#<id>`, 1 to 128 printable ASCII characters: the outbox's partition, the events' subject and message group. */
  readonly aggregate: string;
  readonly save: Save;
  readonly version?: never;
  readonly events?: readonly PendingEvent[];
}

interface NumberedAggregate {
  readonly aggregate: string;
  /** The version that this commit makes. The aggregate's item is among the writes, under a condition of its own. */
  readonly version: number;
  readonly save?: never;
  readonly events?: readonly PendingEvent[];
}

interface NoAggregate {
  readonly aggregate?: never;
  readonly save?: never;
  readonly version?: never;
  /** Events need a version of an aggregate. */
  readonly events?: never;
}

/** Result of a commit. Only a commit with guarded writes can be refused. */
export type CommitResult<Names extends string> = Committed | ([Names] extends [never] ? never : Refused<Names>);
