import { type QueueCount, queueCount, type Shop } from "@doubleshot/operations";
import { queueUrl } from "@doubleshot/topology";

export interface QueueDepth extends QueueCount {
  readonly subscriber: string;
}

export function queueDepths({ clients, name: shop, subscribers }: Shop): Promise<QueueDepth[]> {
  return Promise.all(
    subscribers.map(async ({ name: subscriber, queue }) => ({
      subscriber,
      ...(await queueCount(clients, await queueUrl(clients, shop, queue))),
    })),
  );
}
