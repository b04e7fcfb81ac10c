import { expect, onTestFinished, test, vi } from "vitest";
import { SharedRead } from "./shared-read.ts";

/** A read whose results are its number, and a clock that the test moves. */
function open() {
  vi.useFakeTimers({ toFake: ["performance"] });
  onTestFinished(() => void vi.useRealTimers());
  let reads = 0;
  const held: PromiseWithResolvers<void>[] = [];
  const shared = new SharedRead(async () => {
    reads += 1;
    const turn = Promise.withResolvers<void>();
    held.push(turn);
    await turn.promise;
    return held.length;
  });
  return { shared, held, reads: () => reads };
}

test("readers share a read while it runs and for seconds after it, and then read again", async () => {
  const { shared, held, reads } = open();
  const both = Promise.all([shared.read(), shared.read()]);
  vi.advanceTimersByTime(60_000);
  const third = shared.read();
  held[0]?.resolve();
  expect([await both, await third]).toEqual([[1, 1], 1]);
  expect([await shared.read(), reads()]).toEqual([1, 1]);
  vi.advanceTimersByTime(2_000);
  const later = shared.read();
  held[1]?.resolve();
  expect([await later, reads()]).toEqual([2, 2]);
});

test("a read that failed, or is forgotten, is made again", async () => {
  const { shared, held, reads } = open();
  const failing = shared.read();
  held[0]?.reject(new Error("SQS is down"));
  await expect(failing).rejects.toThrow("SQS is down");
  const again = shared.read();
  held[1]?.resolve();
  await again;
  shared.forget();
  void shared.read();
  expect(reads()).toBe(3);
});
