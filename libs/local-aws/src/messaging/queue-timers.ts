import { internals } from "./internals.ts";

/** The part of fauxqs' queue that makes messages visible when their time has come. */
interface Queue {
  pollTimer: NodeJS.Timeout | undefined;
  readonly pollWaiters: readonly unknown[];
  readonly inflightMessages: ReadonlyMap<string, unknown>;
  readonly fifoDelayed: ReadonlyMap<string, unknown>;
  readonly delayedMessages: readonly unknown[];
  processTimers(): void;
  startPollTimerIfNeeded(): void;
}

/** fauxqs' own interval. */
const withHiddenMessagesMs = 20;

/** Messages are hidden for a second or longer, so one that is hidden meanwhile is noticed in time. */
const withoutHiddenMessagesMs = 500;

/**
 * Lets a queue without hidden messages check its timers twice a second. fauxqs checks 50 times a second each queue
 * that a consumer waits for, which was a quarter of an idle shop's CPU.
 */
export async function slowIdleTimers(): Promise<void> {
  const { SqsQueue } = await internals<{ SqsQueue: { prototype: Queue } }>("./sqs/sqsStore.js");
  SqsQueue.prototype.startPollTimerIfNeeded = function (this: Queue): void {
    if (this.pollTimer !== undefined) return;
    const check = () => {
      this.processTimers();
      this.pollTimer = this.pollWaiters.length > 0 ? setTimeout(check, pauseOf(this)) : undefined;
    };
    this.pollTimer = setTimeout(check, pauseOf(this));
  };
}

function pauseOf({ inflightMessages, fifoDelayed, delayedMessages }: Queue): number {
  const hidden = inflightMessages.size + fifoDelayed.size + delayedMessages.length;
  return hidden > 0 ? withHiddenMessagesMs : withoutHiddenMessagesMs;
}
