import { beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { createPace, defaultPace } from "./pace.ts";

beforeEach(() => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
});

const never = new AbortController().signal;

/** A wait, and how long it took once it is over. */
function waitOf(pace: ReturnType<typeof createPace>, signal = never, polledAt = Date.now()) {
  const began = Date.now();
  const wait: { took?: number } = {};
  void pace.rest(signal, polledAt).then(() => {
    wait.took = Date.now() - began;
  });
  return wait;
}

async function tookOf(pace: ReturnType<typeof createPace>): Promise<number | undefined> {
  const wait = waitOf(pace);
  await vi.runAllTimersAsync();
  return wait.took;
}

test("streams without a record or a reported commit are read four times a second", async () => {
  expect(await tookOf(createPace(defaultPace))).toBe(250);
});

test("streams with traffic are read every two milliseconds", async () => {
  const pace = createPace(defaultPace);
  pace.traffic();
  expect(await tookOf(pace)).toBe(2);
  await vi.advanceTimersByTimeAsync(78);
  expect(await tookOf(pace)).toBe(2);
});

test("waits grow with the quiet, up to four polls a second after ten seconds", async () => {
  const pace = createPace(defaultPace);
  const waits: unknown[] = [];
  for (const quiet of [1_000, 2_000, 5_000, 9_000, 10_000, 60_000]) {
    pace.traffic();
    await vi.advanceTimersByTimeAsync(quiet);
    waits.push(await tookOf(pace));
  }
  expect(waits).toEqual([25, 50, 125, 225, 250, 250]);
});

test("a record in one stream ends the long waits of all, and hastens those that follow", async () => {
  const pace = createPace(defaultPace);
  const [one, other] = [waitOf(pace), waitOf(pace)];
  await vi.advanceTimersByTimeAsync(100);
  pace.traffic();
  await vi.advanceTimersByTimeAsync(0);
  expect([one.took, other.took]).toEqual([100, 100]);
  expect(await tookOf(pace)).toBe(2);
});

test("a commit ends the long waits of all, and those that follow are longer, because commits end them", async () => {
  const pace = createPace(defaultPace);
  const [one, other] = [waitOf(pace), waitOf(pace)];
  await vi.advanceTimersByTimeAsync(100);
  pace.wake();
  await vi.advanceTimersByTimeAsync(0);
  expect([one.took, other.took]).toEqual([100, 100]);
  await vi.advanceTimersByTimeAsync(10);
  expect(await tookOf(pace)).toBe(1_000);
});

test("a commit that was reported during a poll, or a moment before it, is looked for again at once", async () => {
  const pace = createPace(defaultPace);
  const polledAt = Date.now();
  await vi.advanceTimersByTimeAsync(100);
  pace.wake();
  await vi.advanceTimersByTimeAsync(100);
  const during = waitOf(pace, never, polledAt);
  const before = waitOf(pace, never, polledAt + 104);
  const longBefore = waitOf(pace, never, polledAt + 106);
  await vi.runAllTimersAsync();
  expect([during.took, before.took, longBefore.took]).toEqual([2, 2, 1_000]);
});

test("where commits are reported, each wait is as long as the quiet before it, up to a second", async () => {
  const pace = createPace(defaultPace);
  pace.wake();
  const waits: unknown[] = [];
  await vi.advanceTimersByTimeAsync(10);
  for (const quiet of [1, 10, 500, 1_000, 60_000]) {
    pace.traffic();
    await vi.advanceTimersByTimeAsync(quiet);
    waits.push(await tookOf(pace));
  }
  expect(waits).toEqual([2, 10, 500, 1_000, 1_000]);
});

test("commits of a busy host do not shorten its waits", async () => {
  const pace = createPace(defaultPace);
  pace.traffic();
  const wait = waitOf(pace);
  await vi.advanceTimersByTimeAsync(1);
  pace.wake();
  await vi.runAllTimersAsync();
  expect(wait.took).toBe(2);
});

test("a wait ends with its signal and leaves nothing behind", async () => {
  const pace = createPace(defaultPace);
  const stopped = new AbortController();
  const wait = waitOf(pace, stopped.signal);
  await vi.advanceTimersByTimeAsync(10);
  stopped.abort();
  await vi.advanceTimersByTimeAsync(0);
  expect(wait.took).toBe(10);
  expect(vi.getTimerCount()).toBe(0);
  expect(await tookOf(pace)).toBe(250);
  const late = waitOf(pace, stopped.signal);
  await vi.advanceTimersByTimeAsync(0);
  expect(late.took).toBe(0);
});
