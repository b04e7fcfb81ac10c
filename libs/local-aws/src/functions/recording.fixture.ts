import { appendFileSync } from "node:fs";
import type { DynamoDBStreamEvent } from "aws-lambda";

/** Writes down the aggregates it was given, one a line, in the file that RECORD names. */
export async function handler(event: DynamoDBStreamEvent): Promise<void> {
  const lines = event.Records.map((record) => `${record.dynamodb?.Keys?.aggregate?.S}\n`);
  appendFileSync(process.env.RECORD ?? "", lines.join(""));
}
