export type { Commit, Save, Write } from "./commit.ts";
export { type InboxRecord, inboxKey, inboxRecord, MessageTooOldError, refuseTooOld } from "./inbox.ts";
export { anOutbox, createOutbox, type Inbox, inboxed, type Outbox } from "./outbox.ts";
export type { OutboxOptions } from "./outbox-options.ts";
export { type OutboxEvent, outboxRow } from "./outbox-row.ts";
export {
  asSettled,
  type Committed,
  type Duplicate,
  type Ignored,
  ignore,
  type Refused,
  type Settled,
} from "./outcome.ts";
export { type RetryConflictsOptions, retryConflicts } from "./retry-conflicts.ts";
export { type CommitOptions, isCollision, type TransactionResult, transact } from "./transaction/transaction.ts";
