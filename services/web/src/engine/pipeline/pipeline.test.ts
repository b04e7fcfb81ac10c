import type { Shop } from "@doubleshot/operations";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Pipeline } from "./pipeline.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["performance", "Date"] }));
afterEach(() => void vi.useRealTimers());

/** The pipeline of a shop without outboxes and subscribers: a snapshot of it calls nothing. */
function openPipeline(): Pipeline {
  const shop = { name: "empty", outboxes: [], subscribers: [] } as Partial<Shop> as Shop;
  return new Pipeline({ shop, sources: [], log: { warn: () => undefined } });
}

test("a time of day that steps back stops neither the snapshots nor their order", async () => {
  const pipeline = openPipeline();
  const [first] = await pipeline.read();
  vi.advanceTimersByTime(1_000);
  vi.setSystemTime(Date.now() - 3_600_000);
  const [, second] = await pipeline.read();
  expect(second?.spanMs).toBe(1_000);
  expect(second?.at).toBeGreaterThan(first?.at ?? 0);
  expect(await pipeline.read()).toHaveLength(2);
});

test("snapshots are dropped after five minutes, however few there are", async () => {
  const pipeline = openPipeline();
  await pipeline.read();
  vi.advanceTimersByTime(299_000);
  expect(await pipeline.read()).toHaveLength(2);
  vi.advanceTimersByTime(2_000);
  expect((await pipeline.read()).map(({ spanMs }) => spanMs)).toEqual([299_000, 2_000]);
});
