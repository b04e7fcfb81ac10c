import { DescribeTimeToLiveCommand, type DynamoDBClient, UpdateTimeToLiveCommand } from "@aws-sdk/client-dynamodb";
import { ProvisionError, type Report } from "./provision-report.ts";

/** Lets DynamoDB delete each row of the table some time after the epoch seconds in this attribute. */
export async function provisionTtl(
  { dynamodb, table, attribute, isNew }: { dynamodb: DynamoDBClient; table: string; attribute: string; isNew: boolean },
  report: Report,
): Promise<void> {
  const current = isNew ? undefined : await ttlAttribute(dynamodb, table);
  if (current === undefined) {
    const TimeToLiveSpecification = { AttributeName: attribute, Enabled: true };
    try {
      await dynamodb.send(new UpdateTimeToLiveCommand({ TableName: table, TimeToLiveSpecification }));
      report("ttl", `${table} ${attribute}`, "made");
      return;
    } catch (error) {
      // "TimeToLive is already enabled" is a plain ValidationException. Only the table shows whether another run enabled it.
      if ((await ttlAttribute(dynamodb, table)) !== attribute) throw error;
    }
  } else if (current !== attribute) {
    throw new ProvisionError(
      `Table ${table} expires by ${current}, not by ${attribute}: disable its TTL, then run again.`,
    );
  }
  report("ttl", `${table} ${attribute}`, "there");
}

async function ttlAttribute(dynamodb: DynamoDBClient, table: string): Promise<string | undefined> {
  const { TimeToLiveDescription: ttl } = await dynamodb.send(new DescribeTimeToLiveCommand({ TableName: table }));
  const on = ttl?.TimeToLiveStatus === "ENABLED" || ttl?.TimeToLiveStatus === "ENABLING";
  return on ? ttl.AttributeName : undefined;
}
