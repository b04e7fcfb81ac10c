import {
  DescribeStreamCommand,
  type DynamoDBStreamsClient,
  GetShardIteratorCommand,
  type Shard as SdkShard,
} from "@aws-sdk/client-dynamodb-streams";
import type { DynamoDBRecord } from "aws-lambda";
import type { StreamReads, WireRecord } from "./stream-reads.ts";
import {
  IteratorLostError,
  type Position,
  RecordsTrimmedError,
  type Shard,
  type StreamSource,
} from "./stream-source.ts";

/** A table's stream; the client and the reads are of the same endpoint. */
export function dynamodbStreamSource(
  client: DynamoDBStreamsClient,
  reads: StreamReads,
  streamArn: string,
): StreamSource {
  return {
    streamArn,
    shards: () => listShards(client, streamArn),
    iterator: async (shard, from) => {
      const answer = await named(() =>
        client.send(new GetShardIteratorCommand({ StreamArn: streamArn, ShardId: shard, ...start(from) })),
      );
      if (answer.ShardIterator === undefined) throw new IteratorLostError(`no iterator for shard ${shard}`);
      return answer.ShardIterator;
    },
    read: async (iterator, limit) => {
      const page = await named(() => reads.get({ ShardIterator: iterator, Limit: limit }));
      return {
        records: page.Records.map((record) => lambdaRecord(record, streamArn)),
        ...(page.NextShardIterator !== undefined && { next: page.NextShardIterator }),
      };
    },
  };
}

/** As Lambda hands it to a function: with the stream's ARN, and `userIdentity` in camel case. */
function lambdaRecord({ userIdentity, ...record }: WireRecord, streamArn: string): DynamoDBRecord {
  const by = userIdentity && { type: userIdentity.Type, principalId: userIdentity.PrincipalId };
  return { ...record, eventSourceARN: streamArn, ...(by && { userIdentity: by }) };
}

const start = (from: Position) =>
  from === "horizon"
    ? { ShardIteratorType: "TRIM_HORIZON" as const }
    : { ShardIteratorType: "AFTER_SEQUENCE_NUMBER" as const, SequenceNumber: from.after };

/** DescribeStream gives at most 100 shards a call. */
async function listShards(client: DynamoDBStreamsClient, streamArn: string): Promise<Shard[]> {
  const shards: Shard[] = [];
  let after: string | undefined;
  do {
    const { StreamDescription: stream } = await client.send(
      new DescribeStreamCommand({ StreamArn: streamArn, ExclusiveStartShardId: after }),
    );
    shards.push(...(stream?.Shards ?? []).flatMap(known));
    after = stream?.LastEvaluatedShardId;
  } while (after !== undefined);
  return shards;
}

const known = ({ ShardId: id, ParentShardId: parent }: SdkShard): Shard[] =>
  id === undefined ? [] : [{ id, ...(parent !== undefined && { parent }) }];

async function named<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (error.name === "TrimmedDataAccessException") throw new RecordsTrimmedError(error.message, { cause: error });
    // Emulators that restart call an iterator of their former life invalid rather than expired.
    if (error.name === "ExpiredIteratorException" || /shard ?iterator/i.test(error.message)) {
      throw new IteratorLostError(error.message, { cause: error });
    }
    throw error;
  }
}
