import { GetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import type { AwsClients } from "@doubleshot/topology";

/** By SQS's own count, which is approximate and settles within a minute. */
export interface QueueCount {
  readonly waiting: number;
  /** Received, and neither deleted nor returned. */
  readonly inHand: number;
}

export async function queueCount({ sqs }: AwsClients, url: string): Promise<QueueCount> {
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl: url,
      AttributeNames: ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
    }),
  );
  return {
    waiting: Number(Attributes.ApproximateNumberOfMessages ?? 0),
    inHand: Number(Attributes.ApproximateNumberOfMessagesNotVisible ?? 0),
  };
}
