import { randomUUID } from "node:crypto";
import { PublishBatchCommand, type PublishBatchCommandOutput } from "@aws-sdk/client-sns";
import { relay } from "@doubleshot/messaging";
import { compared, message, type Ratio, type RatioHarness, tables, timed } from "./harness.ts";

/** Twenty invocations, with the poison included. Work that is done once, such as the first read, weighs little among so many. */
const events = 1_960;
/** The batch size of the event source mapping. */
const recordsPerInvocation = 100;
/** The relay's default. */
const concurrency = 4;
const poisoned = "note#poisoned";

interface Row {
  readonly id: string;
  readonly aggregate: string;
  readonly json: string;
}

function rows(): Row[] {
  return Array.from({ length: events }, () => {
    const id = randomUUID();
    const aggregate = `note#${id}`;
    return { id, aggregate, json: message(id, aggregate) };
  });
}

/** Compares the relay with the same number of concurrent `PublishBatch` calls of full batches: with parking, and without. */
export async function relayThroughput(harness: RatioHarness): Promise<{ parking: Ratio; plain: Ratio }> {
  const { clients, topicArn } = harness;
  const bare = () => timedPublishing(harness, rows());
  const plain = relay({ client: clients.sns, topicArn, source: "/notes" });
  const parking = makeRelay(harness);
  return compared(bare, {
    parking: () => drained(parking, rows()),
    plain: () => drained(plain, rows()),
  });
}

async function timedPublishing({ clients, topicArn }: RatioHarness, all: readonly Row[]): Promise<number> {
  const batches = inChunks(all, 10);
  const publishNext = async (): Promise<void> => {
    for (let batch = batches.shift(); batch !== undefined; batch = batches.shift()) {
      const PublishBatchRequestEntries = batch.map(({ id, aggregate, json }, index) => ({
        Id: String(index),
        Message: json,
        MessageGroupId: aggregate,
        MessageDeduplicationId: id,
        MessageAttributes: {
          type: { DataType: "String", StringValue: "Noted" },
          source: { DataType: "String", StringValue: "/notes" },
        },
      }));
      await clients.sns.send(new PublishBatchCommand({ TopicArn: topicArn, PublishBatchRequestEntries }));
    }
  };
  return timed(() => Promise.all(Array.from({ length: concurrency }, publishNext)));
}

/**
 * Compares the rate of all other aggregates beside a parked one with their rate in a relay without parked events. SNS
 * always refuses the parked aggregate, which has twice the events of any other.
 */
export async function poisonedRelay(harness: RatioHarness): Promise<Ratio> {
  const { sns } = harness.clients;
  sns.middlewareStack.add(
    (next) => async (args) => {
      const refused = refusedOf(args.input as PublishBatchCommand["input"]);
      const result = await next(args);
      return refused === undefined ? result : { ...result, output: refusing(result.output, refused) };
    },
    { step: "initialize", name: "refuse-poison" },
  );
  const undisturbed = makeRelay(harness);
  const disturbed = makeRelay(harness, tables.poisonedParked);
  let version = 0;
  const poison = () => {
    version += 1;
    return { id: randomUUID(), aggregate: poisoned, json: message(randomUUID(), poisoned), version };
  };
  const withPoison = () => {
    const others = rows();
    return [poison(), ...others.slice(0, events / 2), poison(), ...others.slice(events / 2)];
  };
  const ours = await compared(() => drained(undisturbed, rows()), { beside: () => drained(disturbed, withPoison()) });
  sns.middlewareStack.remove("refuse-poison");
  return ours.beside;
}

function refusedOf({ PublishBatchRequestEntries = [] }: PublishBatchCommand["input"]): string | undefined {
  return PublishBatchRequestEntries.find(({ MessageGroupId }) => MessageGroupId === poisoned)?.Id;
}

function refusing(output: object, Id: string): PublishBatchCommandOutput {
  const { Successful = [], ...rest } = output as PublishBatchCommandOutput;
  const Failed = [{ Id, Code: "InvalidParameter", Message: "never", SenderFault: true }];
  return { ...rest, Successful: Successful.filter((entry) => entry.Id !== Id), Failed };
}

function makeRelay({ clients, topicArn }: RatioHarness, table = tables.parked) {
  return relay({
    client: clients.sns,
    topicArn,
    source: "/notes",
    parking: { client: clients.documents, table },
  });
}

/** Returns the milliseconds for all rows, with one invocation after another, as for a shard. */
function drained(publish: ReturnType<typeof relay>, all: readonly (Row & { version?: number })[]): Promise<number> {
  const invocations = inChunks(all, recordsPerInvocation).map((chunk) => ({ Records: chunk.map(record) }));
  return timed(async () => {
    for (const invocation of invocations) {
      const { batchItemFailures } = await publish(invocation, { getRemainingTimeInMillis: () => 30_000 });
      if (batchItemFailures.length > 0) throw new Error("The relay left events unpublished.");
    }
  });
}

function record({ id, aggregate, json, version = 1 }: Row & { version?: number }, index: number) {
  return {
    eventName: "INSERT" as const,
    dynamodb: {
      Keys: { aggregate: { S: aggregate }, version: { N: String(version) } },
      NewImage: {
        aggregate: { S: aggregate },
        version: { N: String(version) },
        events: { L: [{ M: { id: { S: id }, type: { S: "Noted" }, json: { S: json } } }] },
      },
      SequenceNumber: String(1000 + index),
    },
  };
}

function inChunks<T>(all: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, index) =>
    all.slice(index * size, (index + 1) * size),
  );
}
