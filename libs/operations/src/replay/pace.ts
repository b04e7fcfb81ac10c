import { setTimeout as delay } from "node:timers/promises";

/** Returns a function that resolves at most so many times a second, evenly. `undefined`: no limit. */
export function pace(perSecond: number | undefined, signal?: AbortSignal): () => Promise<void> {
  if (perSecond === undefined) return async () => signal?.throwIfAborted();
  const gapMs = 1_000 / perSecond;
  let nextAtMs = 0;
  return async () => {
    const nowMs = performance.now();
    const waitMs = Math.max(0, nextAtMs - nowMs);
    nextAtMs = Math.max(nowMs, nextAtMs) + gapMs;
    await delay(waitMs, undefined, { signal });
  };
}
