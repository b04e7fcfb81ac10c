import { SendMessageCommand } from "@aws-sdk/client-sqs";
import type { AwsClients, MappingSpec, MappingTarget } from "@doubleshot/topology";
import { Gate } from "../faults/gate.ts";
import type { FunctionRuntime } from "../functions/function-runtime.ts";
import type { Log } from "../log.ts";
import { discardedMessage } from "./batch/discarded.ts";
import { openCheckpoints } from "./checkpoints.ts";
import type { HostTimes } from "./event-source.ts";
import { followStream } from "./follow-stream.ts";
import type { Pace } from "./pace.ts";
import { dynamodbStreamSource } from "./stream/dynamodb-stream-source.ts";
import type { StreamReads } from "./stream/stream-reads.ts";
import { trimmedStreamSource } from "./stream/trimmed-stream-source.ts";

export const defaultTimes: HostTimes = {
  shardRefreshMs: 300_000,
  iteratorRenewalMs: 5_000,
  minRetryMs: 50,
  maxRetryMs: 2_000,
};

export interface MappingSetup {
  /** The physical name. */
  readonly name: string;
  readonly spec: MappingSpec;
  readonly target: MappingTarget;
  readonly runtime: FunctionRuntime;
  readonly functionArn: string;
  readonly clients: Pick<AwsClients, "streams" | "sqs">;
  readonly reads: StreamReads;
  /** The sequence number of the oldest record kept of a table. */
  readonly oldestRecord: (table: string) => bigint | undefined;
  /** Where checkpoints are kept; in memory without it. */
  readonly checkpointFile: string | undefined;
  readonly times: HostTimes;
  readonly pace: Pace;
  readonly log: Log;
}

/** A mapping at work, until it is stopped. */
export interface RunningMapping {
  readonly runtime: FunctionRuntime;
  /** While it is closed, batches wait for their invocation, and later records in the stream. */
  readonly gate: Gate;
  /** Stops reading, lets go of a running invocation, and ends the function. */
  stop(): Promise<void>;
}

/** Connects a table's stream to a function, the way an event source mapping does. */
export function startMapping(setup: MappingSetup): RunningMapping {
  const { name, spec, target, runtime, functionArn, clients, reads, times, pace, log } = setup;
  const { streamArn } = target;
  const stopped = new AbortController();
  const gate = new Gate();
  const invoke: FunctionRuntime["invoke"] = async (event, requestId) => {
    await gate.passed();
    const result = await runtime.invoke(event, requestId);
    if (!result.ok && !stopped.signal.aborted) {
      log({
        level: "warn",
        msg: "function failed",
        mapping: name,
        records: event.Records.length,
        reason: result.error,
      });
    }
    return result;
  };
  const following = followStream({
    name,
    source: trimmedStreamSource(dynamodbStreamSource(clients.streams, reads, streamArn), () =>
      setup.oldestRecord(tableOf(streamArn)),
    ),
    settings: spec,
    checkpoints: openCheckpoints(streamArn, setup.checkpointFile),
    invoke,
    discard: async (shard, discarded) => {
      const message = discardedMessage(discarded, { functionArn, shard, streamArn, now: Date.now() });
      const body = JSON.stringify(message);
      await clients.sqs.send(new SendMessageCommand({ QueueUrl: target.onFailureQueueUrl, MessageBody: body }));
    },
    times,
    pace,
    log,
    signal: stopped.signal,
  });
  return {
    runtime,
    gate,
    stop: async () => {
      stopped.abort();
      gate.open();
      // An invocation in flight would hold the reader up to its timeout; ending the function ends it.
      await runtime.close();
      await following;
    },
  };
}

/** `arn:aws:dynamodb:<region>:<account>:table/<table>/stream/<label>` */
const tableOf = (streamArn: string): string => streamArn.split("/")[1] ?? "";
