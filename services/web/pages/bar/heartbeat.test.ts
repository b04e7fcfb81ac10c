import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { startHeartbeat } from "./heartbeat.ts";

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("window", new EventTarget());
  vi.stubGlobal("document", new EventTarget());
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("the leases are extended at once, every ten seconds, and on visibilitychange, pageshow and online", () => {
  const beat = vi.fn();
  const stop = startHeartbeat(() => beat());
  expect(beat).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(20_000);
  expect(beat).toHaveBeenCalledTimes(3);
  document.dispatchEvent(new Event("visibilitychange"));
  window.dispatchEvent(new Event("pageshow"));
  window.dispatchEvent(new Event("online"));
  expect(beat).toHaveBeenCalledTimes(6);
  stop();
  window.dispatchEvent(new Event("online"));
  vi.advanceTimersByTime(20_000);
  expect(beat).toHaveBeenCalledTimes(6);
});
