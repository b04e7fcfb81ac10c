import { GetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import type { Shop } from "@doubleshot/operations";
import { queueUrl } from "@doubleshot/topology";

/** A subscriber's queue, by SQS's own approximate count. */
export interface QueueDepth {
  readonly subscriber: string;
  readonly waiting: number;
  /** Received, and neither deleted nor returned. */
  readonly inHand: number;
}

/** The depths of all subscribers' queues. */
export function queueDepths({ clients, name: shop, subscribers }: Shop): Promise<QueueDepth[]> {
  return Promise.all(
    subscribers.map(async ({ name: subscriber, queue }) => {
      const { Attributes = {} } = await clients.sqs.send(
        new GetQueueAttributesCommand({
          QueueUrl: await queueUrl(clients, shop, queue),
          AttributeNames: ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
        }),
      );
      const { ApproximateNumberOfMessages: waiting, ApproximateNumberOfMessagesNotVisible: inHand } = Attributes;
      return { subscriber, waiting: Number(waiting ?? 0), inHand: Number(inHand ?? 0) };
    }),
  );
}
