import { CreateTopicCommand, SubscribeCommand } from "@aws-sdk/client-sns";
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
} from "@aws-sdk/client-sqs";
import { type AwsClients, createAwsClients } from "@doubleshot/topology";
import { onTestFinished } from "vitest";
import { startMessaging } from "../messaging/fauxqs.ts";

/** fauxqs with nothing on it, in memory or in a folder; closed with the test, or before by `close`. */
export async function startBareMessaging(folder?: string) {
  const messaging = await startMessaging({ port: 0, ...(folder !== undefined && { folder }) });
  const endpoints = { dynamodb: "http://127.0.0.1:9", sns: messaging.url, sqs: messaging.url, s3: messaging.url };
  const clients = createAwsClients({ endpoints });
  let isClosed = false;
  const close = async () => {
    if (isClosed) return;
    isClosed = true;
    clients.destroy();
    await messaging.close();
  };
  onTestFinished(close);
  return { clients, url: messaging.url, close, ...calls(clients) };
}

function calls({ sqs, sns, longPolls }: AwsClients) {
  return {
    /** Makes a queue (FIFO by its name) and returns its URL. */
    queue: async (name: string, attributes: Record<string, string> = {}): Promise<string> => {
      const Attributes = { ...(name.endsWith(".fifo") && { FifoQueue: "true" }), ...attributes };
      const { QueueUrl = "" } = await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes }));
      return QueueUrl;
    },
    queueArn: async (QueueUrl: string): Promise<string> => {
      const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] }));
      return Attributes?.QueueArn ?? "";
    },
    topic: async (name: string): Promise<string> => {
      const { TopicArn = "" } = await sns.send(
        new CreateTopicCommand({ Name: name, Attributes: { FifoTopic: "true" } }),
      );
      return TopicArn;
    },
    subscribe: (TopicArn: string, Endpoint: string, attributes: Record<string, string> = {}) => {
      const Attributes = { RawMessageDelivery: "true", ...attributes };
      return sns.send(new SubscribeCommand({ TopicArn, Protocol: "sqs", Endpoint, Attributes }));
    },
    send: (QueueUrl: string, MessageBody: string, fifo?: { group: string; id?: string }) =>
      sqs.send(
        new SendMessageCommand({
          QueueUrl,
          MessageBody,
          ...(fifo && { MessageGroupId: fifo.group, MessageDeduplicationId: fifo.id ?? MessageBody }),
        }),
      ),
    receive: async (
      QueueUrl: string,
      options: { waitSeconds?: number; visibilitySeconds?: number } = {},
    ): Promise<Message[]> => {
      const command = new ReceiveMessageCommand({
        QueueUrl,
        MaxNumberOfMessages: 10,
        WaitTimeSeconds: options.waitSeconds ?? 0,
        ...(options.visibilitySeconds !== undefined && { VisibilityTimeout: options.visibilitySeconds }),
      });
      return (await longPolls.send(command)).Messages ?? [];
    },
    remove: (QueueUrl: string, { ReceiptHandle }: Message) =>
      sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle })),
  };
}

export const bodies = (messages: readonly Message[]): (string | undefined)[] => messages.map(({ Body }) => Body);

/** The error a call ends with; fails the test when it does not. */
export async function errorOf(call: Promise<unknown>): Promise<Error> {
  const outcome = await call.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (outcome instanceof Error) return outcome;
  throw new Error("the call was expected to fail");
}
