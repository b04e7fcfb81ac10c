import { setTimeout as sleep } from "node:timers/promises";

/** Waits `ms` milliseconds or until `signal` aborts, whichever comes first; never rejects. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  // The only rejection is the abort, and every caller reads the signal next.
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
