import type { TransactWriteCommandInput } from "@aws-sdk/lib-dynamodb";
import type { PendingEvent } from "../events/index.ts";
import type { Committed, Refused } from "./outcome.ts";

/** One write of a DynamoDB transaction, with native JavaScript values: `{ Put }`, `{ Update }`, `{ Delete }` or `{ ConditionCheck }`. */
export type Write = NonNullable<TransactWriteCommandInput["TransactItems"]>[number];

/** An aggregate's own item, and the optimistic lock on it. */
export interface Save {
  readonly table: string;
  readonly key: Readonly<Record<string, string | number>>;
  /** All attributes but the key and `version`, which are added: an item with a `version` of its own is refused. */
  readonly item: Readonly<Record<string, unknown>> & { readonly version?: never };
  /** The version it was loaded with, 0 for a new one. The commit writes version `expected + 1`, and only over `expected`. */
  readonly expected: number;
  /**
   * For an item that may have been deleted before, or restored: reads the aggregate's highest version in the outbox first,
   * and writes the one after it, still only over `expected`. The sequence of its events goes on, for as long as the outbox
   * keeps rows of the earlier ones (`retention.outbox`). The read needs the right `dynamodb:Query` on the outbox table.
   */
  readonly recreate?: boolean;
}

/** What is written together, or not at all. */
export type Commit<Names extends string = never> = Writes<Names> & (SavedAggregate | NumberedAggregate | NoAggregate);

interface Writes<Names extends string> {
  /** Writes without a condition of their own. A condition that fails here is a bug, and throws `UnguardedCondition`. */
  readonly writes?: readonly Write[];
  /** Writes whose condition may fail: the outcome is then `refused`, by the name given here. */
  readonly guarded?: { readonly [Name in Names]: Write };
}

interface SavedAggregate {
  /** `<kind>#<id>`: the outbox's partition, the events' subject and their message group. 1 to 128 printable ASCII characters. */
  readonly aggregate: string;
  readonly save: Save;
  readonly version?: never;
  readonly events?: readonly PendingEvent[];
}

interface NumberedAggregate {
  readonly aggregate: string;
  /** The version this commit makes of an aggregate whose item is among the writes, under a condition of its own. */
  readonly version: number;
  readonly save?: never;
  readonly events?: readonly PendingEvent[];
}

interface NoAggregate {
  readonly aggregate?: never;
  readonly save?: never;
  readonly version?: never;
  /** Events belong to a version of an aggregate; without one there can be none. */
  readonly events?: never;
}

/** What a commit may come to: a refusal only where something was guarded. */
export type CommitResult<Names extends string> = Committed | ([Names] extends [never] ? never : Refused<Names>);
