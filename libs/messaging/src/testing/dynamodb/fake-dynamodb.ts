import { ResourceNotFoundException } from "@aws-sdk/client-dynamodb";
import type { Faults } from "../faults.ts";
import type { Time } from "../time/time.ts";
import { exception } from "./exceptions.ts";
import { batchGet, getItem, query, scan, transactGet } from "./reads.ts";
import { type FakeTableSpec, type ItemChange, Table } from "./table.ts";
import { Transactions } from "./transactions.ts";
import { batchWrite, deleteItem, putItem, updateItem } from "./writes.ts";

export interface FakeDynamoDBOptions {
  readonly tables: Readonly<Record<string, FakeTableSpec>>;
  readonly time: Time;
  readonly faults: Faults;
  readonly onChange: (change: ItemChange) => void;
}

type Operation = (input: never) => object;

/** Tables in memory, with the conditions, transactions and expiry of the real ones. Reads are always consistent. */
export class FakeDynamoDB {
  readonly #tables: ReadonlyMap<string, Table>;
  readonly #operations: Readonly<Record<string, Operation>>;
  readonly #options: FakeDynamoDBOptions;

  constructor(options: FakeDynamoDBOptions) {
    this.#options = options;
    this.#tables = new Map(
      Object.entries(options.tables).map(([name, spec]) => [name, new Table(name, spec, options.onChange)]),
    );
    const tables = (name: string | undefined) => this.table(name);
    const transactions = new Transactions({ ...options, table: tables });
    const bound =
      <I>(run: (find: typeof tables, input: I) => object) =>
      (input: I) =>
        run(tables, input);
    this.#operations = {
      TransactWriteItems: (input: Parameters<Transactions["write"]>[0]) => transactions.write(input),
      TransactGetItems: bound(transactGet),
      PutItem: bound(putItem),
      UpdateItem: bound(updateItem),
      DeleteItem: bound(deleteItem),
      BatchWriteItem: bound(batchWrite),
      GetItem: bound(getItem),
      BatchGetItem: bound(batchGet),
      Query: bound(query),
      Scan: bound(scan),
      DescribeTable: ({ TableName }: { TableName?: string }) => ({ Table: this.table(TableName).description() }),
      ListTables: () => ({ TableNames: [...this.#tables.keys()] }),
    };
  }

  /** @throws ResourceNotFoundException */
  table(name: string | undefined): Table {
    const table = this.#tables.get(name?.split("/").at(-1) ?? "");
    if (table !== undefined) return table;
    const message = `Requested resource not found: Table: ${name} not found`;
    throw new ResourceNotFoundException({ message, $metadata: { httpStatusCode: 400 } });
  }

  handle(operation: string, input: object): object {
    const run = this.#operations[operation];
    if (run === undefined) throw exception("UnknownOperationException", `The fake does not know ${operation}.`);
    return run(input as never);
  }

  /** Removes expired items, as DynamoDB does from time to time. */
  removeExpired(): number {
    let removed = 0;
    for (const table of this.#tables.values()) removed += table.removeExpired(this.#options.time.now());
    return removed;
  }
}
