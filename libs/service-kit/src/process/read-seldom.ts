import { setTimeout as delay } from "node:timers/promises";

/** A scrape may read a lot. Further scrapes within this time get the same reading. */
const readingKeptMs = 5_000;

/** Prometheus ends a scrape after 10 s. */
const readTimeoutMs = 3_000;

/**
 * Returns the last reading, or a new one if that is too old; one at a time. Undefined when the table cannot be read in time:
 * the scrape must still report the other metrics then.
 */
export function readSeldom<Reading>(read: () => Promise<Reading>): () => Promise<Reading | undefined> {
  let reading: Promise<Reading> | undefined;
  let readAt = 0;
  return () => {
    if (reading === undefined || performance.now() - readAt > readingKeptMs) {
      readAt = performance.now();
      reading = read();
      reading.catch(() => {
        reading = undefined;
      });
    }
    return Promise.race([reading.catch(() => undefined), delay(readTimeoutMs, undefined, { ref: false })]);
  };
}
