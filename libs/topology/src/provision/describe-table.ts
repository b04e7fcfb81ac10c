import { setTimeout as delay } from "node:timers/promises";
import {
  DescribeTableCommand,
  type DynamoDBClient,
  ResourceNotFoundException,
  type TableDescription,
} from "@aws-sdk/client-dynamodb";
import { ProvisionError } from "./provision-report.ts";

/** Time for a table or index to become ACTIVE. A backfill of a small table takes minutes. */
const activeWithinMs = 10 * 60_000;

export async function describeTable(dynamodb: DynamoDBClient, table: string): Promise<TableDescription | undefined> {
  try {
    return (await dynamodb.send(new DescribeTableCommand({ TableName: table }))).Table;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

/**
 * Waits until the table and each of its indexes are ACTIVE. A missing table counts as not yet ACTIVE, because DescribeTable
 * lags behind CreateTable. `known` is what the last call said of the table: if it is ACTIVE, no call is made.
 */
export async function whenActive(
  dynamodb: DynamoDBClient,
  table: string,
  known?: TableDescription,
): Promise<TableDescription> {
  if (known && isActive(known)) return known;
  const deadline = Date.now() + activeWithinMs;
  for (let pauseMs = 50; ; pauseMs = Math.min(pauseMs * 2, 5_000)) {
    const description = await describeTable(dynamodb, table);
    if (description && isActive(description)) return description;
    if (Date.now() > deadline) {
      throw new ProvisionError(
        `Table ${table} is still not ACTIVE after ten minutes: look at it in the console, then run again.`,
      );
    }
    await delay(pauseMs);
  }
}

function isActive(description: TableDescription): boolean {
  const indexes = description.GlobalSecondaryIndexes ?? [];
  // Emulators leave an index's status out.
  return (
    description.TableStatus === "ACTIVE" && indexes.every(({ IndexStatus = "ACTIVE" }) => IndexStatus === "ACTIVE")
  );
}
