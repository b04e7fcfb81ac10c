import type { Shop } from "../shop.ts";
import { type DeadLetter, DeadQueue, type DeadQueueKind, type HeldLetter } from "./dead-queue.ts";

export interface DeadLetterLook {
  readonly letters: readonly DeadLetter[];
  /** All letters, by SQS's count: a queue shows no more of a group while its first messages are received. */
  readonly total: number;
}

export interface DeadLetterOptions {
  readonly aggregateOrId?: string | undefined;
  /** Letters after which the look ends. Default: no limit. */
  readonly limit?: number | undefined;
}

/**
 * Reads the dead letters and leaves them in the queue: each is hidden for a moment and returned. Letters behind the first
 * ones of an aggregate are counted and not shown. `aggregateOrId` selects letters of those read.
 */
export async function deadLetters(
  shop: Shop,
  { aggregateOrId, limit = Number.POSITIVE_INFINITY }: DeadLetterOptions = {},
): Promise<DeadLetterLook> {
  const letters: DeadLetter[] = [];
  let total = 0;
  for (const queue of await deadQueues(shop, ["dead", "undelivered"])) {
    const { waiting, inHand } = await queue.count();
    total += waiting + inHand;
    letters.push(...(await lookInto(queue, limit - letters.length)));
  }
  const matching = letters
    .slice(0, limit)
    .filter(({ aggregate, id }) => aggregateOrId === undefined || aggregate === aggregateOrId || id === aggregateOrId);
  return { letters: matching, total };
}

/** Ends at the first letter that appears again: its time was over, so the look takes too long to see all. */
async function lookInto(queue: DeadQueue, limit: number): Promise<DeadLetter[]> {
  const held: HeldLetter[] = [];
  const letters = new Map<string | undefined, DeadLetter>();
  try {
    while (letters.size < limit) {
      const batch = await queue.receive(0);
      held.push(...batch);
      const isOver = batch.length === 0 || batch.some(({ message }) => letters.has(message.MessageId));
      for (const { message, letter } of batch) letters.set(message.MessageId, letter);
      if (isOver) break;
    }
  } finally {
    await queue.giveBack(held);
  }
  return [...letters.values()];
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
