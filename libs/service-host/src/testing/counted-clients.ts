import type { TransactWriteCommandInput } from "@aws-sdk/lib-dynamodb";
import { type AwsClients, createAwsClients, type Endpoints } from "@doubleshot/topology";
import { onTestFinished } from "vitest";

interface TableInput extends Partial<Pick<TransactWriteCommandInput, "TransactItems">> {
  readonly TableName?: string;
  readonly RequestItems?: Readonly<Record<string, unknown>>;
}

/** Clients for this test alone, and the calls to DynamoDB that they make, with their tables: `Query shop1-notes`. */
export function countedClients(endpoints: Endpoints): { clients: AwsClients; calls: string[] } {
  const clients = createAwsClients({ endpoints });
  onTestFinished(() => clients.destroy());
  const calls: string[] = [];
  clients.documents.middlewareStack.add(
    (next, { commandName = "" }) =>
      (args) => {
        calls.push([commandName.replace(/Command$/, ""), ...tablesOf(args.input as TableInput)].join(" "));
        return next(args);
      },
    { step: "initialize" },
  );
  return { clients, calls };
}

function tablesOf({ TableName, RequestItems = {}, TransactItems = [] }: TableInput): string[] {
  const written = TransactItems.map(({ Put, Update, Delete }) => (Put ?? Update ?? Delete)?.TableName);
  return [TableName, ...Object.keys(RequestItems), ...written].filter((table) => table !== undefined).sort();
}
