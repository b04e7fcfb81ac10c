import { type MessageAttributeValue, PublishCommand } from "@aws-sdk/client-sns";
import { SendMessageCommand } from "@aws-sdk/client-sqs";
import type { AwsClients } from "@doubleshot/topology";
import type { StoredEvent } from "../parked/parked-rows.ts";

/** An event on its way again, by an operator's hand. */
export interface Resend {
  readonly event: StoredEvent;
  readonly aggregate: string;
  readonly source: string;
  /** Made anew for each run: under the event's own id, FIFO's five-minute window would swallow the message without a word. */
  readonly nonce: string;
}

/** To everyone who is subscribed. */
export async function publishAgain({ sns }: AwsClients, topicArn: string, resend: Resend): Promise<void> {
  const { event, aggregate } = resend;
  await sns.send(
    new PublishCommand({
      TopicArn: topicArn,
      Message: event.json,
      MessageGroupId: aggregate,
      MessageDeduplicationId: deduplicationId(resend),
      MessageAttributes: attributes(resend),
    }),
  );
}

/** To one queue, as its subscription would have put it there. */
export async function sendAgain({ sqs }: AwsClients, queueUrl: string, resend: Resend): Promise<void> {
  const { event, aggregate } = resend;
  await sqs.send(
    new SendMessageCommand({
      QueueUrl: queueUrl,
      MessageBody: event.json,
      MessageGroupId: aggregate,
      MessageDeduplicationId: deduplicationId(resend),
      MessageAttributes: attributes(resend),
    }),
  );
}

const deduplicationId = ({ event, nonce }: Resend): string => `${event.id}:${nonce}`;

function attributes({ event, source }: Resend): Record<string, MessageAttributeValue> {
  return {
    type: { DataType: "String", StringValue: event.type },
    source: { DataType: "String", StringValue: source },
  };
}
