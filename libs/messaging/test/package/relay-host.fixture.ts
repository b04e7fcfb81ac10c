import { setTimeout as delay } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { DescribeTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
} from "@aws-sdk/client-dynamodb-streams";

// Runs the relay of an adopter's project instead of Lambda: `<its module> <its table>`. The embedded AWS runs only functions of
// its own topology, and the project creates its own tables.

const [modulePath = "", TableName = ""] = process.argv.slice(2);
const { handler } = await import(pathToFileURL(modulePath).href);
const streams = new DynamoDBStreamsClient({});

const { Table } = await new DynamoDBClient({}).send(new DescribeTableCommand({ TableName }));
const StreamArn = Table?.LatestStreamArn;
const { StreamDescription } = await streams.send(new DescribeStreamCommand({ StreamArn }));
const [{ ShardId } = {}] = StreamDescription?.Shards ?? [];
let { ShardIterator } = await streams.send(
  new GetShardIteratorCommand({ StreamArn, ShardId, ShardIteratorType: "TRIM_HORIZON" }),
);
for (;;) {
  const { Records = [], NextShardIterator } = await streams.send(new GetRecordsCommand({ ShardIterator }));
  if (Records.length > 0) await handler({ Records }, { getRemainingTimeInMillis: () => 30_000 });
  ShardIterator = NextShardIterator;
  await delay(20);
}
