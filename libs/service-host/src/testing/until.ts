import { setTimeout as delay } from "node:timers/promises";

/** Repeats the check until it returns a value. Rejects after 120 s, so that no test depends on the machine's load. */
export async function until<T>(check: () => Promise<T | undefined | false>): Promise<T> {
  const deadline = performance.now() + 120_000;
  for (;;) {
    const found = await check();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > deadline) throw new Error(`The check returned nothing within 120 s: ${check}`);
    await delay(5);
  }
}
