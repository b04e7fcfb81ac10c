import { type CancellationReason, TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import { type DynamoDBDocumentClient, TransactWriteCommand } from "@aws-sdk/lib-dynamodb";
import { uuidv7 } from "../events/index.ts";
import {
  abortSignal,
  backoff,
  type Clock,
  CommitOutcomeUnknown,
  checkOptions,
  isAmbiguous,
  isThrottling,
  milliseconds,
  optional,
  type Rules,
  realClock,
} from "../runtime/index.ts";
import type { Write } from "./commit.ts";
import { StoredItem } from "./stored-item.ts";

/** The items are in the tables; or none is, and these are the writes whose conditions did not hold. */
export type TransactionResult =
  | { readonly written: true }
  | {
      readonly written: false;
      /** One for each write; its own `undefined` when its condition held. */
      readonly failures: readonly (FailedCondition | undefined)[];
      /** An earlier try went unanswered, so what stands in the way may be our own commit. */
      readonly ambiguous: boolean;
    };

export interface FailedCondition {
  /** The item as found, where the write asked for it with `ReturnValuesOnConditionCheckFailure`. */
  readonly found?: StoredItem;
}

export interface Patience {
  /** How long to keep trying an unanswered or turned-away commit, in milliseconds. Default 30,000. */
  readonly patience?: number;
  /** Ends the trying early. */
  readonly signal?: AbortSignal | undefined;
}

const rules: Rules<Patience> = { patience: optional(milliseconds), signal: optional(abortSignal) };

/**
 * Writes all or nothing, and finds out which.
 *
 * A call that goes unanswered is re-issued as it is, under the same idempotency token, which DynamoDB knows for ten
 * minutes. A transaction that was cancelled because it met another one, or for want of capacity, has taken no effect:
 * it is tried again under a new token, unless an earlier try went unanswered. What ends the loop is an answer, or patience.
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
 * @throws CommitOutcomeUnknown when patience ended after a call that may have taken effect.
 */
export async function transact(
  client: DynamoDBDocumentClient,
  writes: readonly Write[],
  options: Patience = {},
  clock: Clock = realClock,
): Promise<TransactionResult> {
  checkOptions("commit", options, rules);
  const { patience = 30_000, signal } = options;
  const giveUpAt = clock.monotonic() + patience;
  const newToken = () => uuidv7(clock.now(), clock.randomBytes(16));
  let token = newToken();
  let ambiguous = false;
  for (let attempt = 1; ; attempt++) {
    const answer = await ask(client, writes, token);
    if (answer.verdict === "written") return { written: true };
    ambiguous ||= answer.verdict === "unanswered" || answer.retried;
    if (answer.verdict === "cancelled") return { written: false, failures: answer.failures, ambiguous };
    // A try that went unanswered may still be on its way: only the token keeps it from taking effect beside a later one.
    if (answer.verdict === "collided" && !ambiguous) token = newToken();
    const over = clock.monotonic() >= giveUpAt || signal?.aborted === true;
    if (over || answer.verdict === "final") throw lastWord(answer.error, ambiguous);
    await clock.sleep(backoff(clock, attempt, { base: 10, cap: 1_000 }), signal);
  }
}

function lastWord(error: unknown, ambiguous: boolean): unknown {
  return ambiguous ? new CommitOutcomeUnknown(error) : error;
}

/** `collided` and `turned away` took no effect, `unanswered` may have; `final` is what no retry changes. */
type Answer =
  | { readonly verdict: "written" }
  | (Unwritten & { readonly verdict: "cancelled"; readonly failures: readonly (FailedCondition | undefined)[] })
  | (Unwritten & { readonly verdict: "collided" | "turned away" | "unanswered" | "final" });

interface Unwritten {
  readonly error: unknown;
  /** The SDK had tried before by itself, and does not say what became of that try. */
  readonly retried: boolean;
}

async function ask(client: DynamoDBDocumentClient, writes: readonly Write[], token: string): Promise<Answer> {
  try {
    await client.send(new TransactWriteCommand({ TransactItems: [...writes], ClientRequestToken: token }));
    return { verdict: "written" };
  } catch (error) {
    const retried = attemptsOf(error) > 1;
    if (error instanceof TransactionCanceledException) return judge(error, retried, client);
    if (isAmbiguous(error)) return { verdict: "unanswered", error, retried };
    return { verdict: isThrottling(error) ? "turned away" : "final", error, retried };
  }
}

function attemptsOf(error: unknown): number {
  return (error as { $metadata?: { attempts?: number } } | undefined)?.$metadata?.attempts ?? 1;
}

function judge(error: TransactionCanceledException, retried: boolean, client: DynamoDBDocumentClient): Answer {
  const codes = (error.CancellationReasons ?? []).map(({ Code }) => Code);
  // A collision hides whether the other conditions would have held: only a run without one tells.
  if (isCollision(error)) return { verdict: "collided", error, retried };
  if (!codes.includes("ConditionalCheckFailed")) return { verdict: "final", error, retried };
  return { verdict: "cancelled", failures: failedConditions(error, client), error, retried };
}

/** Whether what ended the patience was others' transactions on the same items, or want of capacity. */
export function isCollision(error: unknown): boolean {
  const thrown = error instanceof CommitOutcomeUnknown ? error.cause : error;
  if (!(thrown instanceof TransactionCanceledException)) return false;
  return (thrown.CancellationReasons ?? []).some(({ Code }) => Code !== undefined && passing.has(Code));
}

const passing = new Set(["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"]);

function failedConditions(
  { CancellationReasons = [] }: TransactionCanceledException,
  client: DynamoDBDocumentClient,
): (FailedCondition | undefined)[] {
  return CancellationReasons.map(({ Code, Item }: CancellationReason) => {
    if (Code !== "ConditionalCheckFailed") return undefined;
    return Item === undefined || Object.keys(Item).length === 0 ? {} : { found: new StoredItem(Item, client) };
  });
}
