/** How long to wait between polls, in milliseconds. */
export interface PaceOptions {
  /** The shortest wait, right after traffic. */
  readonly busy: number;
  /** The longest wait, when there was no traffic for 40 times as long. */
  readonly idle: number;
}

/** The waits between polls of all mappings of a host. */
export interface Pace {
  /** A record came: polls are close together from now on. */
  traffic(): void;
  /** Ends all waits of this moment. Later ones are as long as they would have been. */
  wake(): void;
  /** Resolves when it is time for the next poll, or `signal` aborts; never rejects. */
  rest(signal: AbortSignal): Promise<void>;
}

/** A wait of a fortieth of the quiet before it adds at most 2.5 % to the time between two records. */
const quietPerWait = 40;

/** `idle` is four polls a second, as AWS polls; it is reached after ten seconds without a record. */
export const defaultPace: PaceOptions = { busy: 2, idle: 250 };

/**
 * One order soon brings the next record (placed, started, finished), often in the stream of another service, so a record
 * in one stream hastens the polls of all. Waits grow with the time since the last record.
 */
export function createPace({ busy, idle }: PaceOptions, now: () => number = Date.now): Pace {
  let lastTraffic = Number.NEGATIVE_INFINITY;
  const resting = new Set<() => void>();
  const wake = () => {
    for (const end of resting) end();
  };
  return {
    traffic: () => {
      lastTraffic = now();
      wake();
    },
    wake,
    rest: (signal) => {
      const ms = Math.min(idle, Math.max(busy, (now() - lastTraffic) / quietPerWait));
      return new Promise((resolve) => {
        const end = () => {
          clearTimeout(timer);
          resting.delete(end);
          signal.removeEventListener("abort", end);
          resolve();
        };
        const timer = setTimeout(end, ms);
        // Each commit would double the polls of a busy host, and spare no time.
        if (ms > busy) resting.add(end);
        signal.addEventListener("abort", end);
        if (signal.aborted) end();
      });
    },
  };
}
