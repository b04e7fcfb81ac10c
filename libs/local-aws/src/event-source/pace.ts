/** How long to wait between polls, in milliseconds. */
export interface PaceOptions {
  /** The shortest wait, right after traffic. */
  readonly busy: number;
  /** The longest wait, when there was no traffic for 40 times as long. */
  readonly idle: number;
}

/** A wait of a fortieth of the quiet before it adds at most 2.5 % to the time between two records. */
const quietPerWait = 40;

/**
 * One order soon brings the next record (placed, started, finished), so polls are close together right after traffic.
 * Waits grow with the time since the last record.
 */
export function createPace({ busy, idle }: PaceOptions, now: () => number = Date.now) {
  let lastTraffic = Number.NEGATIVE_INFINITY;
  return {
    traffic: () => {
      lastTraffic = now();
    },
    next: (): number => Math.min(idle, Math.max(busy, (now() - lastTraffic) / quietPerWait)),
  };
}

/** `idle` is four polls a second, as AWS polls; it is reached after ten seconds without a record. */
export const defaultPace: PaceOptions = { busy: 2, idle: 250 };
