import type { PublishBatchRequestEntry } from "@aws-sdk/client-sns";
import type { TableSettings } from "../infrastructure.ts";
import { type AttachableClient, type AttachedCall, attach } from "./attach.ts";
import { exception } from "./dynamodb/exceptions.ts";
import { FakeDynamoDB } from "./dynamodb/fake-dynamodb.ts";
import type { FakeTableSpec, ItemChange } from "./dynamodb/table.ts";
import { tableSpecs } from "./dynamodb/table-settings.ts";
import { type FakeClients, fakeClients } from "./fake-clients.ts";
import { type FaultRates, Faults } from "./faults.ts";
import { FakeProcess } from "./hosts/fake-process.ts";
import { type Call, Network } from "./network.ts";
import { FakeS3, s3Exception } from "./s3/fake-s3.ts";
import { SeededRandom } from "./seeded-random.ts";
import { snsException } from "./sns/exceptions.ts";
import { FakeSns } from "./sns/fake-sns.ts";
import { FakeTopic } from "./sns/fake-topic.ts";
import { sqsException } from "./sqs/exceptions.ts";
import { FakeQueue, type FakeQueueSpec, type HiddenMessage } from "./sqs/fake-queue.ts";
import { FakeSqs, queueUrl } from "./sqs/fake-sqs.ts";
import { FakeStream } from "./streams/fake-stream.ts";
import { realTime, type Time } from "./time/time.ts";

export interface FakeAwsOptions {
  /** By name, in a short form or as for `CreateTable`, such as `outboxTable` of `@doubleshot/messaging/infrastructure`. */
  readonly tables?: Readonly<Record<string, FakeTableSpec | TableSettings>>;
  /** For `s3ClaimCheck`; attach an `S3Client` of your own. */
  readonly buckets?: readonly string[];
  readonly topics?: readonly string[];
  readonly queues?: Readonly<Record<string, FakeQueueSpec>>;
  readonly subscriptions?: readonly { readonly topic: string; readonly queue: string }[];
  /** Seed of all random decisions. Default 1. */
  readonly seed?: number;
  /** Default: real time. With `new VirtualTime()`, a day takes a millisecond. */
  readonly time?: Time;
  /** Milliseconds for a request, and for an answer. Default: 0 in real time, 1 to 15 otherwise. */
  readonly latencyMs?: readonly [min: number, max: number];
  readonly faults?: FaultRates;
  /** Events that the topics refuse for good. */
  readonly refuses?: (entry: PublishBatchRequestEntry) => boolean;
  /** Called for each item written or expired, in order. */
  readonly onChange?: (change: ItemChange) => void;
  /** Called each time a message is hidden in a queue: by a receive, or by a change of its visibility. */
  readonly onHidden?: (hidden: HiddenMessage) => void;
}

/**
 * DynamoDB with its streams, SNS FIFO, SQS and S3 in memory, behind real SDK clients, for tests. It needs no ports, is fast,
 * and can fail in every way that AWS can.
 *
 * ```ts
 * const aws = new FakeAws({ tables: { notes: { key: { partition: { name: "id", type: "S" } } } } });
 * const { documents } = aws.clients();
 * ```
 */
export class FakeAws {
  readonly time: Time;
  readonly random: SeededRandom;
  readonly faults: Faults;
  readonly dynamodb: FakeDynamoDB;
  readonly sns: FakeSns;
  readonly sqs: FakeSqs;
  readonly s3: FakeS3;
  readonly #streams: ReadonlyMap<string, FakeStream>;
  readonly #network: Network;

  constructor(options: FakeAwsOptions) {
    const { seed = 1, time = realTime, refuses = () => false } = options;
    const tables = tableSpecs(options.tables);
    this.time = time;
    this.random = new SeededRandom(seed);
    this.faults = new Faults(this.random, options.faults);
    const parts = { time, faults: this.faults };
    this.#network = new Network({ ...parts, latencyMs: options.latencyMs ?? (time === realTime ? [0, 0] : [1, 15]) });
    this.#streams = new Map(
      Object.entries(tables)
        .filter(([, { stream }]) => stream !== undefined)
        .map(([table, { key }]) => [table, new FakeStream({ ...parts, table, key })]),
    );
    this.dynamodb = new FakeDynamoDB({
      ...parts,
      tables,
      onChange: (change) => {
        this.#streams.get(change.table)?.append(change);
        options.onChange?.(change);
      },
    });
    const queues = makeQueues(options, parts);
    this.sqs = new FakeSqs(queues, parts);
    this.s3 = new FakeS3(options.buckets ?? [], this.faults);
    this.sns = new FakeSns({ faults: this.faults, refuses, topics: makeTopics(options, queues, parts) });
  }

  /** Clients of the given process. Default: of a process that never dies. */
  clients(process: FakeProcess = this.process("test")): FakeClients {
    return fakeClients((call) => this.#answer(call, process));
  }

  /** Makes an SDK client of yours call this fake instead of AWS. */
  attach<Client extends AttachableClient>(client: Client, process: FakeProcess = this.process("test")): Client {
    return attach(client, (call) => this.#answer(call, process));
  }

  queueUrl(queue: string): string {
    return queueUrl(this.sqs.queue(queue).name);
  }

  topicArn(topic: string): string {
    return this.sns.topic(topic).arn;
  }

  process(name: string, options: { skewMs?: number; canCrash?: boolean } = {}): FakeProcess {
    return new FakeProcess({ name, time: this.time, random: this.random, ...options });
  }

  stream(table: string): FakeStream {
    const stream = this.#streams.get(table);
    if (stream === undefined) throw new Error(`The table ${table} has no stream.`);
    return stream;
  }

  #answer({ client, operation, input, signal }: AttachedCall, from: FakeProcess): Promise<object> {
    const service = this.#service(client);
    return this.#network.send({
      from,
      signal,
      throttling: service.throttling,
      mayBeRetried: client === "DynamoDBClient",
      serve: (call) => service.handle(operation, input, call),
    });
  }

  #service(client: string): Service {
    if (client === "DynamoDBClient") {
      return {
        throttling: () => exception("ThrottlingException", "The rate of requests exceeds the allowed throughput."),
        handle: (operation, input) => this.dynamodb.handle(operation, input),
      };
    }
    if (client === "SNSClient") {
      return {
        throttling: () => snsException("ThrottledException", "Rate exceeded"),
        handle: (operation, input) => this.sns.handle(operation, input),
      };
    }
    if (client === "SQSClient") {
      return {
        throttling: () => sqsException("RequestThrottled", "The request was denied due to request throttling."),
        handle: (operation, input, call) => this.sqs.handle(operation, input, call),
      };
    }
    if (client === "S3Client") {
      return {
        throttling: () => s3Exception("SlowDown", "Please reduce your request rate."),
        handle: (operation, input) => this.s3.handle(operation, input),
      };
    }
    const known = "DynamoDBClient, SNSClient, SQSClient and S3Client";
    throw new TypeError(`The fake stands in for ${known}, and not for ${client}.`);
  }
}

interface Service {
  readonly throttling: () => Error;
  readonly handle: (operation: string, input: object, call: Call) => object | Promise<object>;
}

interface Parts {
  readonly time: Time;
  readonly faults: Faults;
}

function makeQueues({ queues = {}, onHidden }: FakeAwsOptions, parts: Parts): Map<string, FakeQueue> {
  const made = new Map<string, FakeQueue>();
  for (const [name, spec] of Object.entries(queues)) {
    const { deadLetter } = spec;
    const onDead = deadLetter && {
      onDead: (message: Parameters<FakeQueue["send"]>[0]) => made.get(deadLetter.queue)?.send(message),
    };
    made.set(name, new FakeQueue({ ...parts, ...spec, ...onDead, onHidden, name }));
  }
  return made;
}

function makeTopics(
  { topics = [], subscriptions = [] }: FakeAwsOptions,
  queues: ReadonlyMap<string, FakeQueue>,
  parts: Parts,
): Map<string, FakeTopic> {
  return new Map(
    topics.map((name) => {
      const subscribed = subscriptions.filter(({ topic }) => topic === name).map(({ queue }) => queues.get(queue));
      return [name, new FakeTopic({ ...parts, name, queues: subscribed.filter((queue) => queue !== undefined) })];
    }),
  );
}
