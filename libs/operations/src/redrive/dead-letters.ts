import type { Shop } from "../shop.ts";
import { type DeadLetter, DeadQueue, type DeadQueueKind, type HeldLetter } from "./dead-queue.ts";

export interface DeadLetterLook {
  readonly letters: readonly DeadLetter[];
  /** All letters, by SQS's count: a queue shows no more of a group while its first messages are received. */
  readonly total: number;
}

/**
 * Reads the dead letters and leaves them in the queue: each is hidden for a moment and returned. Letters behind the first
 * ones of an aggregate are counted and not shown. `aggregateOrId` selects letters.
 */
export async function deadLetters(
  shop: Shop,
  wanted: { readonly aggregateOrId?: string | undefined } = {},
): Promise<DeadLetterLook> {
  const letters: DeadLetter[] = [];
  let total = 0;
  for (const queue of await deadQueues(shop, ["dead", "undelivered"])) {
    const { waiting, inHand } = await queue.count();
    total += waiting + inHand;
    const held: HeldLetter[] = [];
    try {
      for (let batch = await queue.receive(0); batch.length > 0; batch = await queue.receive(0)) held.push(...batch);
    } finally {
      await queue.giveBack(held);
    }
    letters.push(...held.map(({ letter }) => letter));
  }
  const { aggregateOrId } = wanted;
  const matching = letters.filter(
    ({ aggregate, id }) => aggregateOrId === undefined || aggregate === aggregateOrId || id === aggregateOrId,
  );
  return { letters: matching, total };
}

export async function deadQueues(shop: Shop, kinds: readonly DeadQueueKind[]): Promise<DeadQueue[]> {
  const queues: DeadQueue[] = [];
  for (const subscriber of shop.subscribers) {
    for (const kind of kinds) {
      const queue = await DeadQueue.open(shop, subscriber, kind);
      if (queue !== undefined) queues.push(queue);
    }
  }
  return queues;
}
