import {
  type CancellationReason,
  TransactionCanceledException,
  type TransactWriteItem,
  type TransactWriteItemsCommandInput,
} from "@aws-sdk/client-dynamodb";
import type { Faults } from "../faults.ts";
import type { Time } from "../time/time.ts";
import { copyOfItem, type Item } from "./attribute-values.ts";
import { exception, validation } from "./exceptions.ts";
import { checkReferences, type Expressions, holds, updated } from "./expressions.ts";
import { identity, type Table } from "./table.ts";

/** DynamoDB keeps an idempotency token that long. @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html */
const tokenLifetimeMs = 10 * 60 * 1000;
const maxItems = 100;

export interface TransactionsOptions {
  readonly table: (name: string | undefined) => Table;
  readonly time: Time;
  readonly faults: Faults;
}

interface Token {
  readonly request: string;
  readonly until: number;
}

/** `TransactWriteItems`: all or nothing, once for each idempotency token. */
export class Transactions {
  readonly #options: TransactionsOptions;
  readonly #tokens = new Map<string, Token>();

  constructor(options: TransactionsOptions) {
    this.#options = options;
  }

  /** @throws TransactionCanceledException with a reason for each item; ValidationException */
  write({ TransactItems = [], ClientRequestToken: token }: TransactWriteItemsCommandInput): object {
    const writes = TransactItems.map((item) => this.#open(item));
    checkNumber(writes);
    const request = JSON.stringify(TransactItems);
    if (token !== undefined && this.#isKnown(token, request)) return {};
    this.#collide(writes);
    const reasons = writes.map(reasonAgainst);
    if (reasons.some(({ Code }) => Code !== "None")) throw cancelled(reasons);
    for (const { table, key, after } of writes) table.write(key, after());
    if (token !== undefined) {
      const until = this.#options.time.now() + tokenLifetimeMs;
      this.#tokens.set(token, { request, until });
    }
    return {};
  }

  #isKnown(token: string, request: string): boolean {
    const { time, faults } = this.#options;
    const known = this.#tokens.get(token);
    if (known === undefined || known.until < time.now()) return false;
    if (known.request !== request) {
      throw exception("IdempotentParameterMismatchException", "The token was used before, with other parameters.");
    }
    // A restarted endpoint does not know the token, nor does DynamoDB after ten minutes.
    return !faults.strikes("idempotency-token-forgotten");
  }

  #collide(writes: readonly OpenWrite[]): void {
    if (!this.#options.faults.strikes("transaction-conflict")) return;
    const hit = this.#options.faults.random.integer(0, writes.length - 1);
    // DynamoDB may report the other failed conditions beside a conflict, or may not.
    const tellsAll = this.#options.faults.random.chance(0.5);
    throw cancelled(
      writes.map((write, index) => {
        if (index === hit) return { Code: "TransactionConflict", Message: "Transaction is ongoing for the item" };
        return tellsAll ? reasonAgainst(write) : { Code: "None" };
      }),
    );
  }

  #open({ Put, Update, Delete, ConditionCheck }: TransactWriteItem): OpenWrite {
    const write = Put ?? Update ?? Delete ?? ConditionCheck;
    if (write === undefined) throw validation("Invalid Request: TransactItems should contain an operation");
    checkReferences(write);
    const table = this.#options.table(write.TableName);
    const key = Put
      ? table.keyOf(Put.Item ?? {})
      : table.keyOf(Update?.Key ?? Delete?.Key ?? ConditionCheck?.Key ?? {}, true);
    const before = table.get(key);
    const after = () => {
      if (Put) return copyOfItem(Put.Item ?? {});
      if (Update) return updated(before ?? key, Update);
      return Delete ? undefined : before;
    };
    const wantsItem = write.ReturnValuesOnConditionCheckFailure === "ALL_OLD";
    return { table, key, before, after, condition: write, wantsItem };
  }
}

interface OpenWrite {
  readonly table: Table;
  readonly key: Item;
  readonly before: Item | undefined;
  readonly after: () => Item | undefined;
  readonly condition: Expressions;
  readonly wantsItem: boolean;
}

function reasonAgainst({ condition, before, wantsItem }: OpenWrite): CancellationReason {
  if (holds(condition.ConditionExpression, before, condition)) return { Code: "None" };
  return {
    Code: "ConditionalCheckFailed",
    Message: "The conditional request failed",
    ...(wantsItem && before !== undefined ? { Item: copyOfItem(before) } : {}),
  };
}

function checkNumber(writes: readonly OpenWrite[]): void {
  if (writes.length === 0 || writes.length > maxItems) {
    throw validation(`Member must have length between 1 and ${maxItems}: transactItems`);
  }
  if (new Set(writes.map(({ table, key }) => `${table.name} ${identity(key)}`)).size < writes.length) {
    throw validation("Transaction request cannot include multiple operations on one item");
  }
}

function cancelled(reasons: CancellationReason[]): TransactionCanceledException {
  const codes = reasons.map(({ Code }) => Code).join(", ");
  return new TransactionCanceledException({
    message: `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`,
    CancellationReasons: reasons,
    $metadata: { httpStatusCode: 400 },
  });
}
