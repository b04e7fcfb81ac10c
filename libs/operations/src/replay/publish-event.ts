import { type MessageAttributeValue, PublishCommand } from "@aws-sdk/client-sns";
import { SendMessageCommand } from "@aws-sdk/client-sqs";
import type { AwsClients } from "@doubleshot/topology";
import type { StoredEvent } from "../parked/parked-rows.ts";

/** An event that an operator's command sends again. */
export interface Resend {
  readonly event: StoredEvent;
  readonly aggregate: string;
  readonly source: string;
  /** New for each run: FIFO would drop a message under the event's own id silently, for five minutes. */
  readonly nonce: string;
}

/** Publishes to the topic, for all its subscribers. */
export async function publishAgain({ sns }: AwsClients, topicArn: string, resend: Resend): Promise<void> {
  await sns.send(new PublishCommand({ TopicArn: topicArn, Message: resend.event.json, ...fifo(resend) }));
}

/** Sends to one queue, as its subscription would. */
export async function sendAgain({ sqs }: AwsClients, queueUrl: string, resend: Resend): Promise<void> {
  await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: resend.event.json, ...fifo(resend) }));
}

const deduplicationId = ({ event, nonce }: Resend): string => `${event.id}:${nonce}`;

/** The parameters that SNS and SQS have in common. */
function fifo(resend: Resend) {
  const { event, aggregate, source } = resend;
  const text = (StringValue: string): MessageAttributeValue => ({ DataType: "String", StringValue });
  return {
    MessageGroupId: aggregate,
    MessageDeduplicationId: deduplicationId(resend),
    MessageAttributes: { type: text(event.type), source: text(source) },
  };
}
