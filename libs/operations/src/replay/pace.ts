import { setTimeout as delay } from "node:timers/promises";

/** Returns a function that resolves at most so many times a second, evenly. `undefined`: no limit. */
export function pace(perSecond: number | undefined, signal?: AbortSignal): () => Promise<void> {
  if (perSecond === undefined) return async () => signal?.throwIfAborted();
  const gap = 1_000 / perSecond;
  let next = 0;
  return async () => {
    const now = performance.now();
    const wait = Math.max(0, next - now);
    next = Math.max(now, next) + gap;
    await delay(wait, undefined, { signal });
  };
}
