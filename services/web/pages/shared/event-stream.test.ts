import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { readEvents } from "./event-stream.ts";

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("window", new EventTarget());
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

/** Connects five times to streams that end at once, and returns the pauses between the connections. */
async function pausesOf(body: string): Promise<number[]> {
  const starts: number[] = [];
  const leaving = new AbortController();
  const fetch = async () => {
    starts.push(Date.now());
    if (starts.length === 5) leaving.abort();
    return new Response(body);
  };
  vi.stubGlobal("fetch", fetch);
  const reading = readEvents({ path: "/events", on: {}, onConnection: () => undefined, signal: leaving.signal });
  while (!leaving.signal.aborted) await vi.advanceTimersByTimeAsync(100);
  await reading;
  return starts.slice(1).map((start, i) => Math.round((start - (starts[i] ?? 0)) / 100) * 100);
}

test("a connection that ends before its first event does not shorten the pause", async () => {
  vi.spyOn(Math, "random").mockReturnValue(1);
  expect(await pausesOf("")).toEqual([500, 1_000, 2_000, 4_000]);
});

test("a connection that brought an event was a good one", async () => {
  vi.spyOn(Math, "random").mockReturnValue(1);
  expect(await pausesOf("data: 1\n\n")).toEqual([500, 500, 500, 500]);
});

test("pages that lost the shop at once come back spread over half of the pause", async () => {
  vi.spyOn(Math, "random").mockReturnValue(0);
  expect(await pausesOf("")).toEqual([300, 500, 1_000, 2_000]);
});
