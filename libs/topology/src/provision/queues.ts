import { isDeepStrictEqual } from "node:util";
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  SetQueueAttributesCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import type { AwsClients } from "../clients/aws-clients.ts";
import { findQueueUrl } from "../lookups.ts";
import type { QueueSpec } from "../topology.ts";
import type { Report } from "./provision-report.ts";

export interface ProvisionedQueue {
  readonly url: string;
  readonly arn: string;
}

type Attributes = Record<string, string>;

/**
 * High throughput: deduplication and limits count per message group, so that groups do not slow each other down. The
 * attributes are set at creation, because emulators refuse to change them. Deduplication is by event id, never by content.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/high-throughput-fifo.html
 */
const fifoAttributes = {
  FifoQueue: "true",
  ContentBasedDeduplication: "false",
  DeduplicationScope: "messageGroup",
  FifoThroughputLimit: "perMessageGroupId",
};

/** Creates the queue, or sets the attributes that differ. `deadLetterArn` belongs to the queue that `spec.deadLetter` names. */
export async function provisionQueue(
  {
    clients,
    name,
    spec,
    deadLetterArn,
  }: { clients: AwsClients; name: string; spec: QueueSpec; deadLetterArn?: string | undefined },
  report: Report,
): Promise<ProvisionedQueue> {
  const wanted = queueAttributes(spec, deadLetterArn);
  const found = await findQueueUrl(clients, name);
  const url = found ?? (await createQueue(clients, name, wanted));
  const actual = await readAttributes(clients.sqs, url);
  const changed = await setDiffering(clients.sqs, url, wanted, actual);
  report("queue", name, found === undefined ? "made" : changed ? "changed" : "there");
  return { url, arn: actual.QueueArn ?? "" };
}

/** Lets the topics send to the queue. SNS drops messages that it may not deliver, so the policy precedes the subscription. */
export async function provisionQueuePolicy(
  {
    sqs,
    queue,
    name,
    topicArns,
  }: { sqs: SQSClient; queue: ProvisionedQueue; name: string; topicArns: readonly string[] },
  report: Report,
): Promise<void> {
  const policy = {
    Version: "2012-10-17",
    Statement: topicArns.map((topicArn) => ({
      Effect: "Allow",
      Principal: { Service: "sns.amazonaws.com" },
      Action: "sqs:SendMessage",
      Resource: queue.arn,
      Condition: { ArnEquals: { "aws:SourceArn": topicArn } },
    })),
  };
  const wanted = { Policy: JSON.stringify(policy) };
  const actual = await readAttributes(sqs, queue.url);
  const changed = await setDiffering(sqs, queue.url, wanted, actual);
  report("policy", name, !changed ? "there" : actual.Policy ? "changed" : "made");
}

function queueAttributes(spec: QueueSpec, deadLetterArn: string | undefined): Attributes {
  const { visibilityTimeoutSeconds, retentionSeconds, deadLetter } = spec;
  return {
    ...(spec.fifo && fifoAttributes),
    ...(visibilityTimeoutSeconds !== undefined && { VisibilityTimeout: String(visibilityTimeoutSeconds) }),
    ...(retentionSeconds !== undefined && { MessageRetentionPeriod: String(retentionSeconds) }),
    ...(deadLetter && {
      RedrivePolicy: JSON.stringify({
        deadLetterTargetArn: deadLetterArn,
        maxReceiveCount: deadLetter.maxReceiveCount,
      }),
    }),
  };
}

/** Another run may have created the queue since the lookup; SQS then answers with its URL. */
async function createQueue(clients: AwsClients, name: string, attributes: Attributes): Promise<string> {
  const { QueueUrl } = await clients.sqs.send(new CreateQueueCommand({ QueueName: name, Attributes: attributes }));
  return QueueUrl ?? "";
}

async function readAttributes(sqs: SQSClient, url: string): Promise<Attributes> {
  const { Attributes = {} } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ["All"] }));
  return Attributes;
}

async function setDiffering(sqs: SQSClient, url: string, wanted: Attributes, actual: Attributes): Promise<boolean> {
  const differing = Object.entries(wanted).filter(([name, value]) => !sameSetting(value, actual[name]));
  const set = async (entries: typeof differing) => {
    if (entries.length === 0) return false;
    await sqs.send(new SetQueueAttributesCommand({ QueueUrl: url, Attributes: Object.fromEntries(entries) }));
    return true;
  };
  const changed = await set(differing.filter(([name]) => !(name in fifoAttributes)));
  const upgraded = await set(differing.filter(([name]) => name in fifoAttributes)).catch(notSupported);
  return changed || upgraded;
}

/** An emulator's queue works without high throughput, so a missing attribute is no reason to fail. */
function notSupported(error: unknown): false {
  if (error instanceof Error && error.name.endsWith("InvalidAttributeName")) return false;
  throw error;
}

/** Policies are compared as documents: an endpoint may return them formatted in its own way. */
export function sameSetting(wanted: string, actual: string | undefined): boolean {
  if (wanted === actual) return true;
  if (actual === undefined || !wanted.startsWith("{")) return false;
  return isDeepStrictEqual(JSON.parse(wanted), parsed(actual));
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
