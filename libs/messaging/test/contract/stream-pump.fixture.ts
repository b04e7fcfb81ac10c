import {
  type _Record,
  DescribeStreamCommand,
  type DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
} from "@aws-sdk/client-dynamodb-streams";
import { failureSentence } from "@doubleshot/topology";
import type { DynamoDBRecord, DynamoDBStreamEvent } from "aws-lambda";
import type { relay } from "../../src/relay/relay.ts";
import { realClock } from "../../src/runtime/clock.ts";

export interface StreamPumpOptions {
  readonly streams: DynamoDBStreamsClient;
  readonly streamArn: string;
  readonly handler: ReturnType<typeof relay>;
  readonly signal: AbortSignal;
  /** Called with one sentence when the pump fails. Tests then wait in vain, so the sentence is their explanation. */
  readonly log: (line: string) => void;
}

/**
 * Invokes the relay with a stream's records, for endpoints without functions. It starts at the beginning of each shard, and
 * again at a record that is reported as failed. It does not wait for parent shards, so it is for short runs on new tables.
 * Never rejects.
 */
export async function pumpStream(options: StreamPumpOptions): Promise<void> {
  try {
    await pumpShards(options);
  } catch (error) {
    const reason = failureSentence(error) ?? String(error);
    options.log(`The pump of stream ${options.streamArn} has ended, and no more events are published: ${reason}`);
  }
}

async function pumpShards({ streams, streamArn, handler, signal }: StreamPumpOptions): Promise<void> {
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
      if (Records.length > 0) await bring(Records.map(toLambdaRecord));
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

/** Converts a record to Lambda's form, in which times are in seconds. */
function toLambdaRecord({ eventName, dynamodb }: _Record): DynamoDBRecord {
  const { ApproximateCreationDateTime: created, ...rest } = dynamodb ?? {};
  const at = created === undefined ? {} : { ApproximateCreationDateTime: created.getTime() / 1000 };
  return { ...(eventName && { eventName }), dynamodb: { ...(rest as DynamoDBRecord["dynamodb"]), ...at } };
}
