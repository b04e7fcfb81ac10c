import { CreateTableCommand, DescribeTableCommand, UpdateTimeToLiveCommand } from "@aws-sdk/client-dynamodb";
import {
  DescribeStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type GetShardIteratorCommandInput,
} from "@aws-sdk/client-dynamodb-streams";
import { GetCommand, PutCommand, TransactWriteCommand } from "@aws-sdk/lib-dynamodb";
import { type AwsClients, createAwsClients } from "@doubleshot/topology";
import { onTestFinished } from "vitest";
import { startDynoxide } from "../dynamodb/dynoxide.ts";

const TableName = "rows";

/** dynoxide with one table (key `id`, stream, TTL on `expiresAt`), made if it is not there. */
export async function startBareDynoxide(file?: string) {
  const dynoxide = await startDynoxide({ port: 0, ...(file !== undefined && { file }) });
  onTestFinished(() => dynoxide.close());
  const clients = createAwsClients({
    endpoints: { dynamodb: dynoxide.url, sns: "http://127.0.0.1:9", sqs: "http://127.0.0.1:9" },
  });
  onTestFinished(() => clients.destroy());
  const streamArn = (await findStream(clients)) ?? (await makeTable(clients));
  return { clients, dynoxide, streamArn, ...calls(clients, streamArn) };
}

async function findStream({ dynamodb }: AwsClients): Promise<string | undefined> {
  const description = await dynamodb.send(new DescribeTableCommand({ TableName })).catch(() => undefined);
  return description?.Table?.LatestStreamArn;
}

async function makeTable({ dynamodb }: AwsClients): Promise<string> {
  const { TableDescription } = await dynamodb.send(
    new CreateTableCommand({
      TableName,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
      KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
      StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_IMAGE" },
    }),
  );
  const TimeToLiveSpecification = { AttributeName: "expiresAt", Enabled: true };
  await dynamodb.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }));
  return TableDescription?.LatestStreamArn ?? "";
}

type Start = Omit<GetShardIteratorCommandInput, "StreamArn" | "ShardId">;

function calls({ documents, streams }: AwsClients, StreamArn: string) {
  const shards = async () => {
    const { StreamDescription } = await streams.send(new DescribeStreamCommand({ StreamArn }));
    return StreamDescription?.Shards ?? [];
  };
  return {
    shards,
    put: (Item: Record<string, unknown>) => documents.send(new PutCommand({ TableName, Item })),
    get: async (id: string) => (await documents.send(new GetCommand({ TableName, Key: { id } }))).Item,
    /** Counts a row up by one, in a transaction. */
    countUp: (id: string, ClientRequestToken?: string) => {
      const Update = {
        TableName,
        Key: { id },
        UpdateExpression: "ADD #count :one",
        ExpressionAttributeNames: { "#count": "count" },
        ExpressionAttributeValues: { ":one": 1 },
      };
      return documents.send(new TransactWriteCommand({ ClientRequestToken, TransactItems: [{ Update }] }));
    },
    /** The records of the first shard, from its beginning by default. */
    records: async (start: Start = { ShardIteratorType: "TRIM_HORIZON" }) => {
      const ShardId = (await shards())[0]?.ShardId;
      const { ShardIterator } = await streams.send(new GetShardIteratorCommand({ StreamArn, ShardId, ...start }));
      const { Records = [] } = await streams.send(new GetRecordsCommand({ ShardIterator, Limit: 1000 }));
      return Records.map(({ eventName, dynamodb }) => ({
        eventName,
        id: dynamodb?.Keys?.id?.S,
        sequenceNumber: dynamodb?.SequenceNumber ?? "",
      }));
    },
  };
}
