import { type DynamoDBDocumentClient, QueryCommand } from "@aws-sdk/lib-dynamodb";

/**
 * The highest version of the aggregate that the outbox has a row of, 0 if it has none. It has none of commits without
 * events, and none older than its retention.
 */
export async function highestVersion(
  client: DynamoDBDocumentClient,
  outboxTable: string,
  aggregate: string,
): Promise<number> {
  const newest = new QueryCommand({
    TableName: outboxTable,
    KeyConditionExpression: "#aggregate = :aggregate",
    ProjectionExpression: "#version",
    ExpressionAttributeNames: { "#aggregate": "aggregate", "#version": "version" },
    ExpressionAttributeValues: { ":aggregate": aggregate },
    ScanIndexForward: false,
    Limit: 1,
    ConsistentRead: true,
  });
  const { Items: [row] = [] } = await client.send(newest);
  // A client with `wrapNumbers` reads a number as an object or a string.
  return row === undefined ? 0 : Number(row.version);
}
