import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { realTime } from "./time.ts";

/** The time of the clock, which timers do not use. */
let now = 0;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  vi.spyOn(Date, "now").mockImplementation(() => now);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

test("a real timer that fires early runs when the clock says so, and not before", () => {
  const ran = vi.fn();
  realTime.after(5, ran);
  now += 4;
  vi.advanceTimersByTime(10);
  expect(ran).not.toHaveBeenCalled();
  now += 1;
  vi.advanceTimersByTime(10);
  expect(ran).toHaveBeenCalledOnce();
});

test("a real timer that is cancelled does not run, also after it has fired early", () => {
  const ran = vi.fn();
  const cancel = realTime.after(5, ran);
  vi.advanceTimersByTime(10);
  cancel();
  now += 5;
  vi.advanceTimersByTime(10);
  expect(ran).not.toHaveBeenCalled();
});

test("work whose time has passed runs at once, without a warning of Node.js", () => {
  const timers = vi.spyOn(globalThis, "setTimeout");
  const ran = vi.fn();
  realTime.after(-5, ran);
  vi.advanceTimersByTime(1);
  expect(ran).toHaveBeenCalledOnce();
  expect(timers.mock.calls.map(([, ms]) => ms)).toEqual([0]);
});
