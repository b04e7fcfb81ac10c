import { beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { internals } from "./internals.ts";
import { slowIdleTimers } from "./queue-timers.ts";

interface Queue {
  processTimers(): void;
  waitForMessages(seconds: number): Promise<void>;
  enqueue(message: object): void;
  dequeue(maxCount: number, visibilitySeconds: number): unknown[];
}

type QueueClass = new (name: string, url: string, arn: string, attributes: object) => Queue;

beforeEach(async () => {
  await slowIdleTimers();
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
});

/** A queue of fauxqs, and how often it has checked its timers. */
async function openQueue() {
  const { SqsQueue } = await internals<{ SqsQueue: QueueClass }>("./sqs/sqsStore.js");
  const queue = new SqsQueue("jobs", "http://sqs/jobs", "arn:aws:sqs:us-east-1:000000000000:jobs", {});
  const checks = vi.spyOn(queue, "processTimers");
  return { queue, checks: () => checks.mock.calls.length };
}

test("a queue without hidden messages checks its timers twice a second, and not at all when no call waits", async () => {
  const { queue, checks } = await openQueue();
  const waiting = queue.waitForMessages(20);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(checks()).toBe(20);
  await vi.advanceTimersByTimeAsync(10_000);
  await waiting;
  expect(vi.getTimerCount()).toBe(0);
});

/** Milliseconds until a call that waits for messages ends. */
function endOf(queue: Queue): { afterMs?: number } {
  const began = Date.now();
  const end: { afterMs?: number } = {};
  void queue.waitForMessages(20).then(() => {
    end.afterMs = Date.now() - began;
  });
  return end;
}

const message = { messageId: "1", body: "again", messageAttributes: {}, approximateReceiveCount: 0 };

test("a message that is sent with a delay while a call waits comes within 20 ms of its time", async () => {
  const { queue } = await openQueue();
  const end = endOf(queue);
  await vi.advanceTimersByTimeAsync(10);
  queue.enqueue({ ...message, delayUntil: Date.now() + 1_000 });
  await vi.advanceTimersByTimeAsync(1_500);
  expect(end.afterMs).toBeGreaterThanOrEqual(1_010);
  expect(end.afterMs).toBeLessThanOrEqual(1_030);
});

test("a message that another consumer does not delete comes within 20 ms of the end of its visibility", async () => {
  const { queue } = await openQueue();
  queue.enqueue(message);
  expect(queue.dequeue(1, 1)).toHaveLength(1);
  const end = endOf(queue);
  await vi.advanceTimersByTimeAsync(1_500);
  expect(end.afterMs).toBeGreaterThanOrEqual(1_000);
  expect(end.afterMs).toBeLessThanOrEqual(1_020);
});
