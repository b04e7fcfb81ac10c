import { paginateListTopics } from "@aws-sdk/client-sns";
import { GetQueueUrlCommand, QueueDoesNotExist } from "@aws-sdk/client-sqs";
import type { AwsClients } from "./clients/aws-clients.ts";
import { endpointOf } from "./clients/failed-call.ts";
import { missingSentence } from "./clients/failure-sentence.ts";
import { physicalName } from "./physical-name.ts";

/** A topic or queue of the topology does not exist on the endpoint. */
export class NotProvisionedError extends Error {
  override readonly name = "NotProvisionedError";
  readonly exitSentence = true;
}

/** Returns the URL of the queue with this short name. @throws NotProvisionedError when there is none */
export async function queueUrl(clients: AwsClients, shop: string, name: string): Promise<string> {
  const url = await findQueueUrl(clients, physicalName(shop, name));
  if (url === undefined) throw await notProvisioned("SQS", clients, `Queue ${physicalName(shop, name)}`);
  return url;
}

/**
 * Returns the ARN of the topic with this short name. It lists topics, because SNS has no lookup by name.
 *
 * @throws NotProvisionedError when there is none
 */
export async function topicArn(clients: AwsClients, shop: string, name: string): Promise<string> {
  const arn = await findTopicArn(clients, physicalName(shop, name));
  if (arn === undefined) throw await notProvisioned("SNS", clients, `Topic ${physicalName(shop, name)}`);
  return arn;
}

async function notProvisioned(service: "SQS" | "SNS", { sqs, sns }: AwsClients, named: string) {
  return new NotProvisionedError(
    missingSentence(named, await endpointOf(service, (service === "SQS" ? sqs : sns).config)),
  );
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
