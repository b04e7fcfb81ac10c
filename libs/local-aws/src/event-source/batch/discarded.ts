import type { DynamoDBRecord } from "aws-lambda";

type DiscardCondition = "RetryAttemptsExhausted" | "RecordAgeExceeded";

export interface Discarded {
  readonly records: readonly DynamoDBRecord[];
  readonly condition: DiscardCondition;
  readonly invocations: number;
  readonly requestId: string;
  /** The last invocation threw, timed out or died, as against reporting a failed record. */
  readonly functionError: boolean;
}

/**
 * The message that an on-failure destination gets for a discarded batch, as AWS documents it: where the records were
 * in the stream, not the records themselves.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
 */
export function discardedMessage(
  discarded: Discarded,
  at: { readonly functionArn: string; readonly shard: string; readonly streamArn: string; readonly now: number },
) {
  const first = discarded.records.at(0)?.dynamodb;
  const last = discarded.records.at(-1)?.dynamodb;
  return {
    requestContext: {
      requestId: discarded.requestId,
      functionArn: at.functionArn,
      condition: discarded.condition,
      approximateInvokeCount: discarded.invocations,
    },
    // Records that were too old before their first invocation have no response.
    ...(discarded.invocations > 0 && {
      responseContext: {
        statusCode: 200,
        executedVersion: "$LATEST",
        ...(discarded.functionError && { functionError: "Unhandled" }),
      },
    }),
    version: "1.0",
    timestamp: new Date(at.now).toISOString(),
    DDBStreamBatchInfo: {
      shardId: at.shard,
      startSequenceNumber: first?.SequenceNumber,
      endSequenceNumber: last?.SequenceNumber,
      approximateArrivalOfFirstRecord: arrival(first),
      approximateArrivalOfLastRecord: arrival(last),
      batchSize: discarded.records.length,
      streamArn: at.streamArn,
    },
  };
}

/** To the second, as AWS writes it. */
const arrival = (record: DynamoDBRecord["dynamodb"]) =>
  new Date((record?.ApproximateCreationDateTime ?? 0) * 1000).toISOString().replace(/\.\d+Z$/, "Z");
