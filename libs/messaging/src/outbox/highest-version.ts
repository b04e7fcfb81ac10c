import { type DynamoDBDocumentClient, QueryCommand } from "@aws-sdk/lib-dynamodb";

/**
 * The aggregate's highest version in the outbox, 0 if it has no rows. Commits without events have no rows, and rows expire.
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
