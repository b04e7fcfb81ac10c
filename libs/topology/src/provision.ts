import type { AwsClients } from "./aws-clients.ts";
import { physicalName } from "./physical-name.ts";
import { provisionBucket } from "./provision-buckets.ts";
import { type ProvisionedQueue, provisionQueue, provisionQueuePolicy } from "./provision-queues.ts";
import { ProvisionError, type ProvisionedPart, type ProvisionReport, type Report } from "./provision-report.ts";
import { provisionTable } from "./provision-tables.ts";
import { provisionSubscription, provisionTopic } from "./provision-topics.ts";
import type { MappingSpec, QueueSpec, Topology } from "./topology.ts";

/** What a stream mapping connects, as the endpoint calls it. */
export interface MappingTarget {
  readonly streamArn: string;
  readonly topicArn: string;
  readonly onFailureQueueUrl: string;
}

/** Deploys the function behind a mapping and connects it: each kind of endpoint has its own way. */
export type Attach = (name: string, mapping: MappingSpec, target: MappingTarget) => Promise<"made" | "there">;

export interface ProvisionOptions {
  readonly topology: Topology;
  readonly shop: string;
  readonly clients: AwsClients;
  /** Without it no mapping is attached. `name` is the short name. */
  readonly attach?: Attach;
  /** Told one line for each thing made or changed. */
  readonly say?: (line: string) => void;
}

/**
 * Makes everything in the topology that is not there yet, on whatever endpoint the clients point at.
 *
 * Idempotent, safe when several run at once, and completes what a run that died left half made: every step looks at
 * what is there, and takes "someone else just did" for an answer.
 *
 * The order matters. A dead-letter queue comes before the queue that names it, a queue's policy before its
 * subscription (SNS drops what it may not deliver), and mappings last, when whatever they relay already has somewhere
 * to go. Topics are made just before their subscriptions: a topic takes messages from its first moment, and drops those
 * that nobody subscribes to. Where a live relay's topic has to be made again, disable the relay's mapping first.
 *
 * Throws `ProvisionError` when the endpoint holds something of the same name that cannot be changed in place.
 */
export async function provision(options: ProvisionOptions): Promise<ProvisionReport> {
  const { topology, shop, clients, say } = options;
  const parts: ProvisionedPart[] = [];
  const report: Report = (kind, name, state) => {
    parts.push({ kind, name, state });
    if (state !== "there") say?.(`${state} ${kind} ${name}`);
  };

  const [streamArns, queues] = await Promise.all([
    each(topology.tables, (name, spec) =>
      provisionTable({ dynamodb: clients.dynamodb, table: physicalName(shop, name), spec, report }),
    ),
    provisionQueues(options, report),
    each(topology.buckets ?? {}, (name, spec) =>
      provisionBucket({ s3: clients.s3, bucket: physicalName(shop, name), spec, report }),
    ),
  ]);
  const topicArns = await each(topology.topics, (name) => provisionTopic(clients, physicalName(shop, name), report));
  await provisionSubscriptions(options, { topicArns, queues }, report);
  for (const [name, mapping] of Object.entries(topology.mappings)) {
    if (!options.attach) break;
    const target: MappingTarget = {
      streamArn: pick(streamArns, mapping.table, `the stream of mapping ${name}`),
      topicArn: pick(topicArns, mapping.publishesTo, `the topic of mapping ${name}`),
      onFailureQueueUrl: pick(queues, mapping.onFailure, `the on-failure queue of mapping ${name}`).url,
    };
    report("mapping", physicalName(shop, name), await options.attach(name, mapping, target));
  }
  return { parts };
}

async function provisionQueues(
  { topology, shop, clients }: ProvisionOptions,
  report: Report,
): Promise<Map<string, ProvisionedQueue>> {
  const make = async (made: ReadonlyMap<string, ProvisionedQueue>, name: string, spec: QueueSpec) => {
    const deadLetterArn =
      spec.deadLetter && pick(made, spec.deadLetter.queue, `the dead-letter queue of queue ${name}`).arn;
    return provisionQueue({ clients, name: physicalName(shop, name), spec, deadLetterArn }, report);
  };
  const entries = Object.entries(topology.queues);
  const first = Object.fromEntries(entries.filter(([, spec]) => !spec.deadLetter));
  const second = Object.fromEntries(entries.filter(([, spec]) => spec.deadLetter));
  const targets = await each(first, (name, spec) => make(new Map(), name, spec));
  return new Map([...targets, ...(await each(second, (name, spec) => make(targets, name, spec)))]);
}

interface Ends {
  readonly topicArns: ReadonlyMap<string, string>;
  readonly queues: ReadonlyMap<string, ProvisionedQueue>;
}

async function provisionSubscriptions(
  { topology, shop, clients }: ProvisionOptions,
  { topicArns, queues }: Ends,
  report: Report,
): Promise<void> {
  const ends = topology.subscriptions.map(({ topic, queue, undelivered }) => ({
    topicArn: pick(topicArns, topic, `the topic of a subscription of ${queue}`),
    targets: [queue, undelivered],
    name: `${physicalName(shop, topic)} ${physicalName(shop, queue)}`,
    queueArn: pick(queues, queue, `the queue of a subscription to ${topic}`).arn,
    undeliveredArn: pick(queues, undelivered, `the undelivered queue of ${queue}`).arn,
  }));
  // A queue has one policy, which names all the topics that send to it.
  const policies = [...new Set(ends.flatMap(({ targets }) => targets))].map((target) => ({
    queue: pick(queues, target, "a policy"),
    name: physicalName(shop, target),
    topicArns: ends.filter(({ targets }) => targets.includes(target)).map(({ topicArn }) => topicArn),
  }));
  await Promise.all(policies.map((policy) => provisionQueuePolicy({ sqs: clients.sqs, ...policy }, report)));
  await Promise.all(ends.map((subscription) => provisionSubscription({ sns: clients.sns, ...subscription }, report)));
}

/** Runs over all entries at once; the result keeps their short names. */
async function each<Spec, Result>(
  specs: Readonly<Record<string, Spec>>,
  make: (name: string, spec: Spec) => Promise<Result>,
): Promise<Map<string, Result>> {
  return new Map(
    await Promise.all(Object.entries(specs).map(async ([name, spec]) => [name, await make(name, spec)] as const)),
  );
}

function pick<Value>(values: ReadonlyMap<string, Value | undefined>, name: string, what: string): Value {
  const value = values.get(name);
  if (value === undefined) throw new ProvisionError(`The topology names ${name} as ${what}, but does not declare it.`);
  return value;
}
