import { paginateListTopics } from "@aws-sdk/client-sns";
import { GetQueueUrlCommand, QueueDoesNotExist } from "@aws-sdk/client-sqs";
import type { AwsClients } from "./aws-clients.ts";
import { placeOf } from "./failed-call.ts";
import { missingAdvice } from "./failure-sentence.ts";
import { physicalName } from "./physical-name.ts";

/** A topic or queue that the topology names is not on the endpoint. */
export class NotProvisioned extends Error {
  override readonly name = "NotProvisioned";
  readonly exitSentence = true;
}

/** URL of the queue with this short name. Throws `NotProvisioned` when there is none. */
export async function queueUrl(clients: AwsClients, shop: string, name: string): Promise<string> {
  const url = await findQueueUrl(clients, physicalName(shop, name));
  if (url === undefined) throw await notProvisioned("SQS", clients, `Queue ${physicalName(shop, name)}`);
  return url;
}

/** ARN of the topic with this short name, found by listing topics (SNS has no lookup by name). Throws `NotProvisioned`. */
export async function topicArn(clients: AwsClients, shop: string, name: string): Promise<string> {
  const arn = await findTopicArn(clients, physicalName(shop, name));
  if (arn === undefined) throw await notProvisioned("SNS", clients, `Topic ${physicalName(shop, name)}`);
  return arn;
}

async function notProvisioned(service: "SQS" | "SNS", { sqs, sns }: AwsClients, named: string) {
  const where = await placeOf(service, (service === "SQS" ? sqs : sns).config);
  return new NotProvisioned(`${named} is not at ${where}: ${missingAdvice(service, where)}.`);
}

export async function findQueueUrl(clients: AwsClients, queueName: string): Promise<string | undefined> {
  try {
    return (await clients.sqs.send(new GetQueueUrlCommand({ QueueName: queueName }))).QueueUrl;
  } catch (error) {
    if (error instanceof QueueDoesNotExist) return undefined;
    throw error;
  }
}

export async function findTopicArn(clients: AwsClients, topicName: string): Promise<string | undefined> {
  for await (const page of paginateListTopics({ client: clients.sns }, {})) {
    const found = page.Topics?.find((topic) => topic.TopicArn?.endsWith(`:${topicName}`));
    if (found) return found.TopicArn;
  }
  return undefined;
}
