import type { AwsClients } from "../clients/aws-clients.ts";
import { physicalName } from "../physical-name.ts";
import type { MappingSpec, QueueSpec, Topology } from "../topology.ts";
import { provisionBucket } from "./buckets.ts";
import { ProvisionError, type ProvisionReport, type Report, reporting } from "./provision-report.ts";
import { type ProvisionedQueue, provisionQueue, provisionQueuePolicy } from "./queues.ts";
import { provisionTable } from "./tables.ts";
import { provisionSubscription, provisionTopic } from "./topics.ts";
import { whenAnswering } from "./when-answering.ts";

/** The ends of a stream mapping, by the endpoint's ARNs and URL. */
export interface MappingTarget {
  readonly streamArn: string;
  readonly topicArn: string;
  readonly onFailureQueueUrl: string;
}

/** Deploys the function of a mapping and connects it to the stream. Each kind of endpoint has its own way. */
export type Attach = (name: string, mapping: MappingSpec, target: MappingTarget) => Promise<"made" | "there">;

export interface ProvisionOptions {
  readonly topology: Topology;
  readonly shop: string;
  readonly clients: AwsClients;
  /** Called for each mapping with its short name. Without `attach`, no mapping is attached. */
  readonly attach?: Attach;
  /** Called with one line for each part that was made or changed. */
  readonly log?: (line: string) => void;
}

/**
 * Creates the missing parts of the topology on the endpoint of the clients.
 *
 * `provision` is idempotent and safe when several runs overlap, and it completes the work of a run that died. Every step
 * reads the current state, and accepts that another run has just made the change.
 *
 * The order matters:
 * 1. A dead-letter queue comes before the queue that names it.
 * 2. A queue's policy comes before its subscription, because SNS drops messages that it may not deliver.
 * 3. Topics come just before their subscriptions: a topic accepts messages at once, and drops those without a subscriber.
 * 4. Mappings come last, when their events have a destination.
 *
 * Before a live relay's topic is created again, disable the relay's mapping.
 *
 * A cold endpoint gets two minutes to load its services.
 *
 * @throws ProvisionError when a resource of the same name exists that cannot be changed in place, or a service does not answer
 */
export async function provision(options: ProvisionOptions): Promise<ProvisionReport> {
  const { topology, shop, clients, log } = options;
  const { parts, report } = reporting(log);
  await whenAnswering(options);

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

/** Makes all entries concurrently. The result has their short names as keys. */
async function each<Spec, Result>(
  specs: Readonly<Record<string, Spec>>,
  make: (name: string, spec: Spec) => Promise<Result>,
): Promise<Map<string, Result>> {
  return new Map(
    await Promise.all(Object.entries(specs).map(async ([name, spec]) => [name, await make(name, spec)] as const)),
  );
}

function pick<Value>(values: ReadonlyMap<string, Value | undefined>, name: string, role: string): Value {
  const value = values.get(name);
  if (value === undefined) throw new ProvisionError(`The topology names ${name} as ${role}, but does not declare it.`);
  return value;
}
