import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Sweep } from "./sweep.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
afterEach(() => void vi.useRealTimers());

/** A sweep every second or so, and its log. */
function sweepOf(task: () => unknown) {
  const warnings: object[] = [];
  const log = { debug() {}, info() {}, warn: (fields: object) => void warnings.push(fields) };
  return { sweep: new Sweep({ task, pauseMs: () => 1_000, log }), warnings };
}

test("repeats its task until it is stopped", async () => {
  const task = vi.fn();
  const { sweep } = sweepOf(task);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(task).not.toHaveBeenCalled();
  sweep.start();
  await vi.advanceTimersByTimeAsync(100_000);
  expect(task.mock.calls.length).toBeGreaterThanOrEqual(80);
  expect(task.mock.calls.length).toBeLessThanOrEqual(133);
  sweep.stop();
  expect(vi.getTimerCount()).toBe(0);
});

test("differs in its pauses by up to a quarter", async () => {
  const random = vi.spyOn(Math, "random");
  for (const [chance, ms] of [
    [0, 750],
    [0.5, 1_000],
    [1, 1_250],
  ] as const) {
    random.mockReturnValueOnce(chance);
    const task = vi.fn();
    const { sweep } = sweepOf(task);
    sweep.start();
    await vi.advanceTimersByTimeAsync(ms - 1);
    expect(task).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(task).toHaveBeenCalledOnce();
    sweep.stop();
  }
  random.mockRestore();
});

test("pauses for no longer than the given time", async () => {
  const task = vi.fn();
  const { sweep } = sweepOf(task);
  sweep.start(10);
  await vi.advanceTimersByTimeAsync(10);
  expect(task).toHaveBeenCalledOnce();
  sweep.stop();
});

test("logs a task that fails, and goes on", async () => {
  const error = new Error("down");
  const { sweep, warnings } = sweepOf(vi.fn().mockRejectedValueOnce(error));
  sweep.start();
  await vi.advanceTimersByTimeAsync(1_250);
  expect(warnings).toEqual([{ err: error }]);
  expect(vi.getTimerCount()).toBe(1);
  sweep.stop();
});

test.each([
  ["stopped", (sweep: Sweep) => sweep.stop(), 0],
  ["started", (sweep: Sweep) => sweep.start(), 1],
  [
    "stopped and started",
    (sweep: Sweep) => {
      sweep.stop();
      sweep.start();
    },
    1,
  ],
])("runs its task once at a time, when it is %s meanwhile", async (_, act, timers) => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const task = vi.fn(() => promise);
  const { sweep } = sweepOf(task);
  sweep.start();
  await vi.advanceTimersByTimeAsync(1_250);
  act(sweep);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(task).toHaveBeenCalledOnce();
  resolve();
  await vi.advanceTimersByTimeAsync(0);
  expect(vi.getTimerCount()).toBe(timers);
  sweep.stop();
});
