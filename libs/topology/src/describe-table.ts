import { setTimeout as delay } from "node:timers/promises";
import {
  DescribeTableCommand,
  type DynamoDBClient,
  ResourceNotFoundException,
  type TableDescription,
} from "@aws-sdk/client-dynamodb";
import { ProvisionError } from "./provision-report.ts";

/** How long a table or index may take to become ACTIVE before we give up: a backfill of a small table takes minutes. */
const activeWithinMilliseconds = 10 * 60_000;

export async function describeTable(dynamodb: DynamoDBClient, table: string): Promise<TableDescription | undefined> {
  try {
    return (await dynamodb.send(new DescribeTableCommand({ TableName: table }))).Table;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

/** Waits until the table and each of its indexes can be used. DescribeTable lags behind CreateTable: absent means not yet. */
export async function whenActive(dynamodb: DynamoDBClient, table: string): Promise<TableDescription> {
  const deadline = Date.now() + activeWithinMilliseconds;
  for (let pause = 50; ; pause = Math.min(pause * 2, 5_000)) {
    const description = await describeTable(dynamodb, table);
    if (description && isActive(description)) return description;
    if (Date.now() > deadline) {
      throw new ProvisionError(
        `Table ${table} is still not ACTIVE after ten minutes: look at it in the console, then run again.`,
      );
    }
    await delay(pause);
  }
}

function isActive(description: TableDescription): boolean {
  const indexes = description.GlobalSecondaryIndexes ?? [];
  // Emulators leave an index's status out.
  return (
    description.TableStatus === "ACTIVE" && indexes.every(({ IndexStatus = "ACTIVE" }) => IndexStatus === "ACTIVE")
  );
}
