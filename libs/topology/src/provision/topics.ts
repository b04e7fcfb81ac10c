import {
  CreateTopicCommand,
  GetSubscriptionAttributesCommand,
  GetTopicAttributesCommand,
  InvalidParameterException,
  paginateListSubscriptionsByTopic,
  SetSubscriptionAttributesCommand,
  SetTopicAttributesCommand,
  type SNSClient,
  SubscribeCommand,
} from "@aws-sdk/client-sns";
import type { AwsClients } from "../clients/aws-clients.ts";
import { findTopicArn } from "../lookups.ts";
import type { Report } from "./provision-report.ts";
import { sameSetting } from "./queues.ts";

/**
 * High throughput. Without it a FIFO topic accepts 3,000 messages a second in total, and deduplicates across groups.
 * https://docs.aws.amazon.com/sns/latest/dg/fifo-high-throughput.html
 */
const throughput = { name: "FifoThroughputScope", value: "MessageGroup" };
const fifoAttributes = { FifoTopic: "true", ContentBasedDeduplication: "false", [throughput.name]: throughput.value };

/** Creates the FIFO topic, or sets an existing one to high throughput. Returns its ARN. */
export async function provisionTopic(clients: AwsClients, name: string, report: Report): Promise<string> {
  const { sns } = clients;
  const found = await findTopicArn(clients, name);
  if (found === undefined) {
    const { TopicArn = "" } = await sns.send(new CreateTopicCommand({ Name: name, Attributes: fifoAttributes }));
    report("topic", name, "made");
    return TopicArn;
  }
  const { Attributes = {} } = await sns.send(new GetTopicAttributesCommand({ TopicArn: found }));
  const upgraded = Attributes[throughput.name] !== throughput.value && (await raiseThroughput(sns, found));
  report("topic", name, upgraded ? "changed" : "there");
  return found;
}

/** Emulators accept the setting at creation only, and their topics work without it. */
async function raiseThroughput(sns: SNSClient, topicArn: string): Promise<boolean> {
  try {
    const { name: AttributeName, value: AttributeValue } = throughput;
    await sns.send(new SetTopicAttributesCommand({ TopicArn: topicArn, AttributeName, AttributeValue }));
    return true;
  } catch (error) {
    if (error instanceof InvalidParameterException) return false;
    throw error;
  }
}

interface Subscription {
  readonly sns: SNSClient;
  readonly name: string;
  readonly topicArn: string;
  readonly queueArn: string;
  readonly undeliveredArn: string;
}

/**
 * Subscribes the queue with raw delivery (the message is the event, without SNS's own envelope) and with a queue for
 * undelivered messages. The settings of an existing subscription are changed one by one, because a second Subscribe with
 * other settings is an error.
 */
export async function provisionSubscription(subscription: Subscription, report: Report): Promise<void> {
  const { sns, name, topicArn, queueArn, undeliveredArn } = subscription;
  const wanted = {
    RawMessageDelivery: "true",
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: undeliveredArn }),
  };
  const found = await findSubscription(sns, topicArn, queueArn);
  if (found === undefined) {
    const target = { TopicArn: topicArn, Protocol: "sqs", Endpoint: queueArn };
    await sns.send(new SubscribeCommand({ ...target, Attributes: wanted }));
    report("subscription", name, "made");
    return;
  }
  const { Attributes = {} } = await sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn: found }));
  const differing = Object.entries(wanted).filter(([key, value]) => !sameSetting(value, Attributes[key]));
  for (const [AttributeName, AttributeValue] of differing) {
    await sns.send(new SetSubscriptionAttributesCommand({ SubscriptionArn: found, AttributeName, AttributeValue }));
  }
  report("subscription", name, differing.length > 0 ? "changed" : "there");
}

async function findSubscription(sns: SNSClient, topicArn: string, queueArn: string): Promise<string | undefined> {
  for await (const page of paginateListSubscriptionsByTopic({ client: sns }, { TopicArn: topicArn })) {
    const found = page.Subscriptions?.find(({ Endpoint }) => Endpoint === queueArn);
    if (found) return found.SubscriptionArn;
  }
  return undefined;
}
