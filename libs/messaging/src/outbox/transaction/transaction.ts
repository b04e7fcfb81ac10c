import { type CancellationReason, TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import { type DynamoDBDocumentClient, TransactWriteCommand } from "@aws-sdk/lib-dynamodb";
import { uuidv7 } from "../../events/index.ts";
import { abortSignal, checkOptions, milliseconds, optional, type Rules } from "../../options/index.ts";
import {
  backoff,
  type Clock,
  CommitOutcomeUnknownError,
  isAmbiguous,
  isThrottling,
  realClock,
} from "../../runtime/index.ts";
import type { Write } from "../commit.ts";
import { StoredItem } from "./stored-item.ts";

/** Either every write took effect, or none did because conditions failed. */
export type TransactionResult =
  | { readonly written: true }
  | {
      readonly written: false;
      /** An entry for each write; undefined if its condition held. */
      readonly failures: readonly (FailedCondition | undefined)[];
      /** An earlier try went unanswered, so this commit itself may have made the conditions fail. */
      readonly ambiguous: boolean;
    };

export interface FailedCondition {
  /** The existing item, if the write asks for it with `ReturnValuesOnConditionCheckFailure`. */
  readonly found?: StoredItem;
}

export interface CommitOptions {
  /** Milliseconds for which an unanswered or throttled commit is tried again. Default 30,000. */
  readonly timeoutMs?: number;
  /** Ends the tries early. */
  readonly signal?: AbortSignal | undefined;
}

const rules: Rules<CommitOptions> = { timeoutMs: optional(milliseconds), signal: optional(abortSignal) };

/**
 * Writes all or nothing, and finds out which. Each try ends as one of:
 * - written     the transaction took effect
 * - cancelled   a condition failed; nothing was written
 * - collided    another transaction on the same items, or lack of capacity, cancelled it: try again under a new token
 * - throttled   DynamoDB rejected the call before it took effect: try again
 * - unanswered  the call may have taken effect: try again under the same idempotency token, which DynamoDB knows for ten
 *               minutes
 * - failed      no retry helps
 *
 * After an unanswered try the token stays the same, also for a collision: that try may still take effect.
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
 * @throws CommitOutcomeUnknownError when the time is up after a call that may have taken effect.
 */
export async function transact(
  client: DynamoDBDocumentClient,
  writes: readonly Write[],
  options: CommitOptions = {},
  clock: Clock = realClock,
): Promise<TransactionResult> {
  checkOptions("commit", options, rules);
  const { timeoutMs = 30_000, signal } = options;
  const deadline = clock.monotonic() + timeoutMs;
  const newToken = () => uuidv7(clock.now(), clock.randomBytes(16));
  let token = newToken();
  let ambiguous = false;
  for (let attempt = 1; ; attempt++) {
    const result = await tryOnce(client, writes, token);
    if (result.outcome === "written") return { written: true };
    ambiguous ||= result.outcome === "unanswered" || result.retried;
    if (result.outcome === "cancelled") return { written: false, failures: result.failures, ambiguous };
    if (result.outcome === "collided" && !ambiguous) token = newToken();
    const isTimeUp = clock.monotonic() >= deadline || signal?.aborted === true;
    if (isTimeUp || result.outcome === "failed") throw finalError(result.error, ambiguous);
    await clock.sleep(backoff(clock, attempt, { base: 10, cap: 1_000 }), signal);
  }
}

function finalError(error: unknown, ambiguous: boolean): unknown {
  return ambiguous ? new CommitOutcomeUnknownError(error) : error;
}

type Try =
  | { readonly outcome: "written" }
  | (Unwritten & { readonly outcome: "cancelled"; readonly failures: readonly (FailedCondition | undefined)[] })
  | (Unwritten & { readonly outcome: "collided" | "throttled" | "unanswered" | "failed" });

interface Unwritten {
  readonly error: unknown;
  /** The SDK itself has retried the call, and does not report how its first tries ended. */
  readonly retried: boolean;
}

async function tryOnce(client: DynamoDBDocumentClient, writes: readonly Write[], token: string): Promise<Try> {
  try {
    await client.send(new TransactWriteCommand({ TransactItems: [...writes], ClientRequestToken: token }));
    return { outcome: "written" };
  } catch (error) {
    const retried = attemptsOf(error) > 1;
    if (error instanceof TransactionCanceledException) return cancellation(error, retried, client);
    if (isAmbiguous(error)) return { outcome: "unanswered", error, retried };
    return { outcome: isThrottling(error) ? "throttled" : "failed", error, retried };
  }
}

function attemptsOf(error: unknown): number {
  return (error as { $metadata?: { attempts?: number } } | undefined)?.$metadata?.attempts ?? 1;
}

function cancellation(error: TransactionCanceledException, retried: boolean, client: DynamoDBDocumentClient): Try {
  const codes = (error.CancellationReasons ?? []).map(({ Code }) => Code);
  // With a collision, DynamoDB does not report whether the other conditions hold.
  if (isCollision(error)) return { outcome: "collided", error, retried };
  if (!codes.includes("ConditionalCheckFailed")) return { outcome: "failed", error, retried };
  return { outcome: "cancelled", failures: failedConditions(error, client), error, retried };
}

/** Whether other transactions on the same items, or lack of capacity, made the commit fail. */
export function isCollision(error: unknown): boolean {
  const thrown = error instanceof CommitOutcomeUnknownError ? error.cause : error;
  if (!(thrown instanceof TransactionCanceledException)) return false;
  return (thrown.CancellationReasons ?? []).some(({ Code }) => Code !== undefined && temporary.has(Code));
}

const temporary = new Set(["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"]);

function failedConditions(
  { CancellationReasons = [] }: TransactionCanceledException,
  client: DynamoDBDocumentClient,
): (FailedCondition | undefined)[] {
  return CancellationReasons.map(({ Code, Item }: CancellationReason) => {
    if (Code !== "ConditionalCheckFailed") return undefined;
    return Item === undefined || Object.keys(Item).length === 0 ? {} : { found: new StoredItem(Item, client) };
  });
}
