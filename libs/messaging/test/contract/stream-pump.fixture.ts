import {
  type _Record,
  DescribeStreamCommand,
  type DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
} from "@aws-sdk/client-dynamodb-streams";
import type { DynamoDBRecord, DynamoDBStreamEvent } from "aws-lambda";
import type { relay } from "../../src/relay/relay.ts";
import { realClock } from "../../src/runtime/clock.ts";

export interface StreamPumpOptions {
  readonly streams: DynamoDBStreamsClient;
  readonly streamArn: string;
  readonly handler: ReturnType<typeof relay>;
  readonly signal: AbortSignal;
}

/**
 * Brings a stream's records to the relay where no function can be deployed: from the beginning of each shard, again from
 * what is reported as failed. Parents are not waited for, so it is for short runs only, on tables made for them.
 */
export async function pumpStream({ streams, streamArn, handler, signal }: StreamPumpOptions): Promise<void> {
  const { StreamDescription } = await streams.send(new DescribeStreamCommand({ StreamArn: streamArn }));
  const shards = StreamDescription?.Shards ?? [];
  await Promise.all(shards.map(({ ShardId }) => pumpShard(ShardId)));

  async function pumpShard(ShardId: string | undefined): Promise<void> {
    const { ShardIterator } = await streams.send(
      new GetShardIteratorCommand({ StreamArn: streamArn, ShardId, ShardIteratorType: "TRIM_HORIZON" }),
    );
    let iterator = ShardIterator;
    while (iterator !== undefined && !signal.aborted) {
      const { Records = [], NextShardIterator } = await streams.send(
        new GetRecordsCommand({ ShardIterator: iterator }),
      );
      iterator = NextShardIterator;
      if (Records.length > 0) await bring(Records.map(asLambdaSeesIt));
      else await realClock.sleep(100, signal);
    }
  }

  async function bring(records: DynamoDBRecord[]): Promise<void> {
    for (let left = records; left.length > 0 && !signal.aborted; ) {
      const event: DynamoDBStreamEvent = { Records: left };
      const { batchItemFailures } = await handler(event, { getRemainingTimeInMillis: () => 30_000 });
      const from = batchItemFailures[0]?.itemIdentifier;
      left = from === undefined ? [] : left.slice(left.findIndex(({ dynamodb }) => dynamodb?.SequenceNumber === from));
      if (left.length > 0) await realClock.sleep(200, signal);
    }
  }
}

/** Lambda counts time in seconds; the values of an outbox row are the same. */
function asLambdaSeesIt({ eventName, dynamodb }: _Record): DynamoDBRecord {
  const { ApproximateCreationDateTime: created, ...rest } = dynamodb ?? {};
  const at = created === undefined ? {} : { ApproximateCreationDateTime: created.getTime() / 1000 };
  return { ...(eventName && { eventName }), dynamodb: { ...(rest as DynamoDBRecord["dynamodb"]), ...at } };
}
