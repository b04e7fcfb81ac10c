import { GetQueueAttributesCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import { type LocalAws, startLocalAws } from "@doubleshot/local-aws";
import { createLogger, readConfig } from "@doubleshot/service-kit";
import { queueUrl } from "@doubleshot/topology";
import { afterAll, beforeAll } from "vitest";
import { shop } from "./bar.fixture.ts";
import { baristaConfig } from "./config.ts";
import { startBarista } from "./start-barista.ts";

const log = createLogger("barista", "silent");

/** For the tests of a file: one AWS, processes of the service on it, and the queue they consume. */
export function useBarista() {
  let aws: LocalAws;
  beforeAll(async () => {
    aws = await startLocalAws();
  });
  afterAll(() => aws?.close());
  const url = () => queueUrl(aws.clients, shop, "barista-subscriber.fifo");

  return {
    get aws() {
      return aws;
    },
    /** A process of the service; the signal tells it that it is to close. */
    start: (env: Record<string, string>, clients = aws.clients, signal = new AbortController().signal) =>
      startBarista({ config: readConfig(baristaConfig, { PORT: "0", ...env }), clients, log, signal }),

    /** Puts the message where the topic would. */
    async send(order: { orderId: string; body: string }): Promise<void> {
      await aws.clients.sqs.send(
        new SendMessageCommand({
          QueueUrl: await url(),
          MessageBody: order.body,
          MessageGroupId: `order#${order.orderId}`,
          MessageDeduplicationId: order.orderId,
        }),
      );
    },

    /** Messages that nobody has handled; one that came to the poll of a closing process is hidden for a moment. */
    async messagesLeft(): Promise<number> {
      const { Attributes } = await aws.clients.sqs.send(
        new GetQueueAttributesCommand({
          QueueUrl: await url(),
          AttributeNames: ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
        }),
      );
      return Object.values(Attributes ?? {}).reduce((sum, count) => sum + Number(count), 0);
    },
  };
}
