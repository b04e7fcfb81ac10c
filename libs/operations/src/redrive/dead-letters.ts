import type { Shop } from "../shop.ts";
import { type DeadLetter, DeadQueue, type DeadQueueKind, type HeldLetter } from "./dead-queue.ts";

export interface DeadLetterList {
  readonly letters: readonly DeadLetter[];
  /** All letters, by SQS's count. */
  readonly total: number;
  /** Queues with letters that were not read: a queue shows no more of a group while its first messages are received. */
  readonly more: readonly UnreadLetters[];
}

interface UnreadLetters {
  readonly subscriber: string;
  readonly from: DeadQueueKind;
  readonly count: number;
}

export interface DeadLetterOptions {
  /** Only this subscriber's dead letters. Default: those of all. */
  readonly subscriber?: string | undefined;
  /** Selects letters of those read. */
  readonly aggregateOrId?: string | undefined;
  /** Maximum number of letters listed from each queue. Default: no limit. */
  readonly limit?: number | undefined;
}

/**
 * Reads the dead letters and leaves them in the queue: each is hidden for a moment and returned. Letters behind the first
 * ones of an aggregate are counted and not shown.
 */
export async function deadLetters(
  shop: Shop,
  { subscriber, aggregateOrId, limit = Number.POSITIVE_INFINITY }: DeadLetterOptions = {},
): Promise<DeadLetterList> {
  const letters: DeadLetter[] = [];
  const more: UnreadLetters[] = [];
  let total = 0;
  for (const queue of await deadQueues(shop, ["dead", "undelivered"], subscriber)) {
    const { waiting, inHand } = await queue.count();
    const read = (await readLetters(queue, limit)).slice(0, limit);
    const unread = waiting + inHand - read.length;
    if (unread > 0) more.push({ subscriber: queue.subscriber.name, from: queue.from, count: unread });
    letters.push(...read);
    total += waiting + inHand;
  }
  const isWanted = ({ aggregate, id }: DeadLetter) =>
    aggregateOrId === undefined || aggregate === aggregateOrId || id === aggregateOrId;
  return { letters: letters.filter(isWanted), total, more };
}

/** Ends at the first letter that is received again: it is no longer hidden, so the read is too slow to reach all letters. */
async function readLetters(queue: DeadQueue, limit: number): Promise<DeadLetter[]> {
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

/** The queues of these kinds, of one subscriber if it is named. */
export async function deadQueues(shop: Shop, kinds: readonly DeadQueueKind[], named?: string): Promise<DeadQueue[]> {
  const queues: DeadQueue[] = [];
  for (const subscriber of shop.subscribers.filter(({ name }) => named === undefined || name === named)) {
    for (const kind of kinds) {
      const queue = await DeadQueue.open(shop, subscriber, kind);
      if (queue !== undefined) queues.push(queue);
    }
  }
  return queues;
}
