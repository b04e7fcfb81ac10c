import type { TransactWriteCommandInput, TransactWriteCommandOutput } from "@aws-sdk/lib-dynamodb";
import { type AwsClients, createAwsClients, type Endpoints } from "@doubleshot/topology";
import { onTestFinished } from "vitest";

interface TableInput extends Partial<Pick<TransactWriteCommandInput, "TransactItems">> {
  readonly TableName?: string;
  readonly RequestItems?: Readonly<Record<string, unknown>>;
}

export interface CountedClients {
  readonly clients: AwsClients;
  /** The calls to DynamoDB with their tables: `Query shop1-notes`. */
  readonly calls: string[];
  /** Write units of the transactions, in the order of their answers, indexes included: `ConsumedCapacity`. */
  readonly writeUnits: number[];
}

/** Clients for this test alone, and the calls to DynamoDB that they make. */
export function countedClients(endpoints: Endpoints): CountedClients {
  const clients = createAwsClients({ endpoints });
  onTestFinished(() => clients.destroy());
  const calls: string[] = [];
  const writeUnits: number[] = [];
  clients.documents.middlewareStack.add(
    (next, { commandName = "" }) =>
      async (args) => {
        calls.push([commandName.replace(/Command$/, ""), ...tablesOf(args.input as TableInput)].join(" "));
        if (commandName !== "TransactWriteItemsCommand") return next(args);
        const result = await next({ ...args, input: { ...args.input, ReturnConsumedCapacity: "TOTAL" } });
        writeUnits.push(unitsOf(result.output as TransactWriteCommandOutput));
        return result;
      },
    { step: "initialize" },
  );
  return { clients, calls, writeUnits };
}

function unitsOf({ ConsumedCapacity = [] }: Partial<TransactWriteCommandOutput>): number {
  return ConsumedCapacity.reduce((sum, { CapacityUnits = 0 }) => sum + CapacityUnits, 0);
}

function tablesOf({ TableName, RequestItems = {}, TransactItems = [] }: TableInput): string[] {
  const written = TransactItems.map(({ Put, Update, Delete }) => (Put ?? Update ?? Delete)?.TableName);
  return [TableName, ...Object.keys(RequestItems), ...written].filter((table) => table !== undefined).sort();
}
