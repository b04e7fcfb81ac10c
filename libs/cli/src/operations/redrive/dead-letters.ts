import type { Shop } from "../../shop.ts";
import { type DeadLetter, DeadQueue, type DeadQueueKind, type HeldLetter } from "./dead-queue.ts";

export interface DeadLetterLook {
  readonly letters: readonly DeadLetter[];
  /** How many there are in all, by SQS's count: a queue shows no more of a group while its first are in hand. */
  readonly total: number;
}

/**
 * Looks at the dead letters without taking them: each is hidden for a moment and given back. What an aggregate's first
 * letters hide is counted, not shown. `aggregate` or `id` keep only what matches.
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
  for (const place of shop.subscribers) {
    for (const kind of kinds) {
      const queue = await DeadQueue.open(shop, place, kind);
      if (queue !== undefined) queues.push(queue);
    }
  }
  return queues;
}
